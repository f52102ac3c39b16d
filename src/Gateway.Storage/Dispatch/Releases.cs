using Gateway.Contracts;
using Gateway.Contracts.Commands;
using MassTransit;

namespace Gateway.Storage.Dispatch;

/// <summary>How a command leaves, whoever releases it.</summary>
internal static class Releases
{
    /// <summary>Sends the command to its pool's workers with the commit. It carries the job's id, by which it can be found and withdrawn.</summary>
    public static async Task ReleaseAsync(this ISendEndpointProvider sender, RunClaudeRequest command, CancellationToken cancellationToken)
    {
        var endpoint = await sender.GetSendEndpoint(EndpointNames.Address(EndpointNames.Run(command.Provider, command.Pool)));
        await endpoint.Send(command, Pipe.Execute<SendContext<RunClaudeRequest>>(send => send.CorrelationId = command.JobId), cancellationToken);
    }
}

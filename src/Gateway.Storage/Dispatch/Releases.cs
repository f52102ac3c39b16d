using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Dispatch;
using MassTransit;

namespace Gateway.Storage.Dispatch;

/// <summary>How a command leaves, whoever releases it.</summary>
internal static class Releases
{
    /// <summary>Sends the command of a job, or what was found instead to its lifecycle.</summary>
    public static async Task ReleaseAsync(this ISendEndpointProvider sender, WaitingJob job, CancellationToken cancellationToken)
    {
        if (job.Finding is null)
        {
            await sender.ReleaseAsync(job.Command, cancellationToken);
            return;
        }

        var lifecycle = await sender.GetSendEndpoint(EndpointNames.Address(EndpointNames.JobLifecycle));
        await (job.Finding switch
        {
            ReleaseFinding.Refused refused => lifecycle.Send(refused.Message, cancellationToken),
            ReleaseFinding.AsksAnew asks => lifecycle.Send(asks.Message, cancellationToken),
            _ => throw new InvalidOperationException($"Nobody is told of {job.Finding.GetType().Name}."),
        });
    }

    /// <summary>Sends the command to its pool's workers with the commit. It carries the job's id, by which it can be found and withdrawn.</summary>
    public static async Task ReleaseAsync(this ISendEndpointProvider sender, RunClaudeRequest command, CancellationToken cancellationToken)
    {
        var endpoint = await sender.GetSendEndpoint(EndpointNames.Address(EndpointNames.Run(command.Provider, command.Pool)));
        await endpoint.Send(command, Pipe.Execute<SendContext<RunClaudeRequest>>(send => send.CorrelationId = command.JobId), cancellationToken);
    }
}

using Gateway.Contracts.Events;
using Gateway.Jobs.Dispatch;
using MassTransit;
using Microsoft.Extensions.Options;

namespace Gateway.Jobs.Leases;

/// <summary>Renews the leases of a worker that was heard, and tells it what to stop.</summary>
public sealed class HeartbeatConsumer(ILeaseStore leases, IOptions<LeaseOptions> options, IStoreClock clock, DispatchBell bell) : IConsumer<WorkerHeartbeat>
{
    /// <summary>Takes one heartbeat.</summary>
    /// <param name="context">The heartbeat.</param>
    public async Task Consume(ConsumeContext<WorkerHeartbeat> context)
    {
        var answer = await leases.RenewAsync(context.Message, clock.GetUtcNow(), options.Value.Duration, context.CancellationToken);
        if (context.Message.Slots > context.Message.Runs.Count)
        {
            bell.Ring();
        }

        await context.RespondAsync(answer);
    }
}

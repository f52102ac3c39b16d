using Gateway.Contracts.Commands;
using Gateway.Contracts.Values;
using MassTransit;

namespace Gateway.Execution.Runs;

/// <summary>Takes the wish to stop a run, on the worker's own queue. A lost one costs a heartbeat.</summary>
internal sealed class CancelRunConsumer(RunSupervisor supervisor) : IConsumer<CancelRun>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<CancelRun> context) =>
        supervisor.CancelAsync(new RunKey(context.Message.JobId, context.Message.Attempt));
}

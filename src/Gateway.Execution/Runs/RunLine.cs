using Gateway.Contracts.Events;
using Gateway.Contracts.Values;

namespace Gateway.Execution.Runs;

/// <summary>The way of one run to the control plane: its messages carry the run and this attach of the worker.</summary>
/// <param name="control">The control plane.</param>
/// <param name="run">The run.</param>
/// <param name="workerId">The worker.</param>
/// <param name="epoch">Its attach.</param>
internal sealed class RunLine(ControlPlane control, ActiveRun run, Guid workerId, long epoch)
{
    /// <summary>Sends a piece of a stream; an empty one asks what is stored.</summary>
    public async Task<RunReceipt> SendAsync(
        OutputStream stream, long offset, byte[] bytes, IReadOnlyList<AgentEvent> events, CancellationToken cancellationToken)
    {
        var output = new RunOutput
        {
            JobId = run.Key.JobId,
            Attempt = run.Key.Attempt,
            WorkerId = workerId,
            Epoch = epoch,
            Stream = stream,
            Offset = offset,
            Bytes = bytes,
            Events = events,
        };
        return Heed(await control.SendOutputAsync(output, cancellationToken), dropWhenStored: true);
    }

    /// <summary>Sends that a process is running, without waiting for more than the bus.</summary>
    public Task SendStartedAsync(DateTimeOffset startedAt, CancellationToken cancellationToken) => control.SendStartedAsync(
        new RunStarted { JobId = run.Key.JobId, Attempt = run.Key.Attempt, WorkerId = workerId, Epoch = epoch, StartedAt = startedAt },
        cancellationToken);

    /// <summary>Sends how the run ended; whether that was stored is in the answer.</summary>
    public async Task<RunReceipt> SendAsync(RunVerdict verdict, RunResult result, CancellationToken cancellationToken)
    {
        var (job, attempt) = run.Key;
        var receipt = await (verdict switch
        {
            { Kind: RunVerdictKind.Completed } => control.SendOutcomeAsync(
                run.Key, new RunCompleted { JobId = job, Attempt = attempt, WorkerId = workerId, Epoch = epoch, Result = result }, cancellationToken),
            { Failure: { } failure } => control.SendOutcomeAsync(
                run.Key, new RunFailed { JobId = job, Attempt = attempt, WorkerId = workerId, Epoch = epoch, Failure = failure, Result = result }, cancellationToken),
            { Kind: RunVerdictKind.Canceled } => control.SendOutcomeAsync(
                run.Key, new RunCanceled { JobId = job, Attempt = attempt, WorkerId = workerId, Epoch = epoch, Result = result }, cancellationToken),
            { Kind: RunVerdictKind.Interrupted } => control.SendOutcomeAsync(
                run.Key, new RunInterrupted { JobId = job, Attempt = attempt, WorkerId = workerId, Epoch = epoch, Result = result }, cancellationToken),
            _ => control.SendOutcomeAsync(
                run.Key, new AttemptLost { JobId = job, Attempt = attempt, WorkerId = workerId, Epoch = epoch, Cause = "runner" }, cancellationToken),
        });
        return Heed(receipt, dropWhenStored: false);
    }

    /// <summary>Waits between two tries.</summary>
    public Task PauseAsync(int tries, CancellationToken cancellationToken) => control.PauseAsync(tries, cancellationToken);

    private RunReceipt Heed(RunReceipt receipt, bool dropWhenStored)
    {
        run.JobEnded |= receipt.JobEnded;
        if (receipt.Fenced || (dropWhenStored && receipt.OutcomeStored))
        {
            run.Drop();
        }

        return receipt;
    }
}

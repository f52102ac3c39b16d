using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using MassTransit;

namespace Gateway.Jobs.Lifecycle;

/// <summary>The step of <see cref="JobLifecycle"/> that the operator's limit on waiting causes.</summary>
internal static class ExpirySteps
{
    // EX_TEMPFAIL of sysexits.h: try again later.
    private const int TryLater = 75;

    /// <summary>Final: no worker took the job in time.</summary>
    public static EventActivityBinder<Job, QueueWaitEnded> MarkExpired(this EventActivityBinder<Job, QueueWaitEnded> step) => step.ThenAsync(c =>
    {
        c.Saga.ExitCode = TryLater;
        c.Saga.SetFailure(new RunFailure
        {
            Kind = FailureKinds.Expired,
            Message = "The job waited in the queue for longer than the operator of the server allows (Jobs:MaxQueueWait). Nothing of it runs; start it again when there is less to do.",
            Retryable = true,
        });
        return c.FailAsync();
    });
}

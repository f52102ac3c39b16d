using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs.Parking;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Gateway.Jobs.Lifecycle;

/// <summary>The steps of <see cref="JobLifecycle"/> that a provider's usage limit causes.</summary>
internal static class ParkingSteps
{
    /// <summary>A usage limit is not the job's fault: the attempt is not counted.</summary>
    public static EventActivityBinder<Job, RunFailed> GiveBackAttempt(this EventActivityBinder<Job, RunFailed> step) =>
        step.Then(c => c.Saga.CountedAttempts--);

    /// <summary>Out of the queue until the usage limit ends.</summary>
    public static EventActivityBinder<Job, RunFailed> Park(this EventActivityBinder<Job, RunFailed> step) => step.ThenAsync(async c =>
    {
        var job = c.Saga;
        var (now, wait, cli) = (c.ClockOf().GetUtcNow(), c.ParkingOf().Wait, c.Saga.Cli);
        job.ParkedMs += (long)wait.TotalMilliseconds;
        job.NotBeforeMs = (now + wait).ToUnixTimeMilliseconds();
        job.DueAtMs = (c.StoreNow() + wait).ToUnixTimeMilliseconds();
        job.ReleasedAtMs = null;
        c.LedgerOf().CountAfterCommit(() => JobsTelemetry.JobParked(cli));
        await c.LedgerOf().AppendEventAsync(job, LifecycleEvent.Parked, c.CancellationToken);
        await c.AnnounceRetryAsync(nameof(JobLifecycle.Parked), c.Message.Failure.Kind, now + wait);
    });

    /// <summary>Back to the queue: the limit should have ended.</summary>
    public static EventActivityBinder<Job, ParkingEnded> EnterQueue(this EventActivityBinder<Job, ParkingEnded> step) => step.ThenAsync(async c =>
    {
        var job = c.Saga;
        job.QueuedAtMs = c.ClockOf().GetUtcNow().ToUnixTimeMilliseconds();
        job.NotBeforeMs = null;
        job.DueAtMs = c.StoreNow().ToUnixTimeMilliseconds();
        await c.LedgerOf().AppendEventAsync(job, LifecycleEvent.ParkingEnded, c.CancellationToken);
    });

    /// <summary>Takes back that the attempt was released: its credential may not be used now.</summary>
    public static EventActivityBinder<Job, ClaimRun> Withhold(this EventActivityBinder<Job, ClaimRun> step) =>
        step.Then(c => c.Saga.ReleasedAtMs = null);

    /// <summary>Final: the job does not wait for the usage limit of its credential.</summary>
    public static EventActivityBinder<Job, UsageLimitMet> MarkLimited(this EventActivityBinder<Job, UsageLimitMet> step) => step.ThenAsync(c =>
    {
        c.Saga.SetFailure(new RunFailure
        {
            Kind = FailureKinds.UsageLimit,
            Message = $"The usage limit of credential '{c.Message.Credential}' at the model provider is reached. It was not used for this job; ask again later, or let it wait with onUsageLimit park.",
            Retryable = true,
            RetryAfterSeconds = c.Message.RetryAfterSeconds,
        });
        return c.FailAsync();
    });

    /// <summary>For how long the usage limit that a run has met keeps its credential and its job.</summary>
    internal static ParkingPlan ParkingOf(this BehaviorContext<Job, RunFailed> context) => ParkingPlan.Of(
        context.Saga, context.Message.Failure, context.StoreNow(), context.GetPayload<IServiceProvider>().GetRequiredService<IOptions<ParkingOptions>>().Value);
}

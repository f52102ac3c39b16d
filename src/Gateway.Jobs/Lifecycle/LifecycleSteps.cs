using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Parking;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Gateway.Jobs.Lifecycle;

/// <summary>The steps that <see cref="JobLifecycle"/> names in its table: what changes in the row, and beside it.</summary>
internal static class LifecycleSteps
{
    /// <summary>Raises the attempt, gives it to the claiming worker and answers with what the run may do.</summary>
    public static EventActivityBinder<Job, ClaimRun> Grant(this EventActivityBinder<Job, ClaimRun> step) => step.ThenAsync(async c =>
    {
        var job = c.Saga;
        job.Attempt = c.Message.Attempt;
        job.CountedAttempts++;
        job.NotBeforeMs = null;
        job.ReleasedAtMs = null;
        job.StartedAtMs = null;
        job.DurationMs = null;
        job.ExitCode = null;
        job.OutputTruncated = false;
        await c.LedgerOf().AppendEventAsync(job, LifecycleEvent.Granted, c.CancellationToken);
        SetHolder(c);
        await c.LedgerOf().HoldLeaseAsync(job, StoreNow(c) + LeaseOf(c), c.CancellationToken);
        await AnswerGrantedAsync(c);
    });

    /// <summary>Gives the holder the same attempt again.</summary>
    public static EventActivityBinder<Job, ClaimRun> GrantAgain(this EventActivityBinder<Job, ClaimRun> step) => step.ThenAsync(AnswerGrantedAsync);

    /// <summary>Gives the holder of an attempt a new term, under its newest epoch; never when its lease has ended meanwhile.</summary>
    internal static Task<bool> RenewLeaseAsync(this BehaviorContext<Job, ClaimRun> c)
    {
        SetHolder(c);
        var now = StoreNow(c);
        return c.LedgerOf().RenewLeaseAsync(c.Saga, now, now + LeaseOf(c), c.CancellationToken);
    }

    /// <summary>Nothing has run: the attempt is not counted.</summary>
    public static EventActivityBinder<Job, ClaimRun> GiveBackAttempt(this EventActivityBinder<Job, ClaimRun> step) =>
        step.Then(c => c.Saga.CountedAttempts--);

    /// <summary>Back to the queue, into the lines of all its turns: another job has the directory in which it would work.</summary>
    public static EventActivityBinder<Job, ClaimRun> WaitForTurn(this EventActivityBinder<Job, ClaimRun> step) => step.ThenAsync(async c =>
    {
        var job = c.Saga;
        job.QueuedAtMs = c.ClockOf().GetUtcNow().ToUnixTimeMilliseconds();
        job.DueAtMs = Job.NoTurn;
        job.ReleasedAtMs = null;
        await c.LedgerOf().EndLeaseAsync(job.CorrelationId, c.CancellationToken);
        await c.LedgerOf().AppendEventAsync(job, LifecycleEvent.WaitsForTurn, c.CancellationToken);
    });

    /// <summary>Keeps when the process started.</summary>
    public static EventActivityBinder<Job, RunStarted> MarkStarted(this EventActivityBinder<Job, RunStarted> step) => step.ThenAsync(async c =>
    {
        c.Saga.WorkerEpoch = c.Message.Epoch;
        if (c.Saga.StartedAtMs is null)
        {
            c.Saga.StartedAtMs = c.Message.StartedAt.ToUnixTimeMilliseconds();
            var (cli, waitedMs) = (c.Saga.Cli, c.Saga.StartedAtMs.Value - (c.Saga.NotBeforeMs ?? c.Saga.QueuedAtMs));
            c.LedgerOf().CountAfterCommit(() => JobsTelemetry.RunStarted(cli, waitedMs));
            await c.LedgerOf().AppendEventAsync(c.Saga, LifecycleEvent.Started, c.CancellationToken);
            await c.AnnounceStartedAsync(c.Message.StartedAt);
        }
    });

    /// <summary>Keeps what the run reported.</summary>
    public static EventActivityBinder<Job, RunCompleted> Record(this EventActivityBinder<Job, RunCompleted> step) =>
        step.ThenAsync(c => RecordAsync(c, c.Message.Result, null, c.Message.Epoch));

    /// <summary>Keeps what the run reported.</summary>
    public static EventActivityBinder<Job, RunFailed> Record(this EventActivityBinder<Job, RunFailed> step) =>
        step.ThenAsync(async c =>
        {
            await RecordAsync(c, c.Message.Result, c.Message.Failure.Kind, c.Message.Epoch);
            if (c.Message.Failure.Kind == FailureKinds.UsageLimit)
            {
                await c.LedgerOf().CloseGateAsync(c.Saga, StoreNow(c) + c.ParkingOf().Rest, c.Message.Failure.ResetsAt, c.CancellationToken);
            }
        });

    /// <summary>Keeps what the run reported.</summary>
    public static EventActivityBinder<Job, RunCanceled> Record(this EventActivityBinder<Job, RunCanceled> step) =>
        step.ThenAsync(c => RecordAsync(c, c.Message.Result, null, c.Message.Epoch));

    /// <summary>Keeps what the run reported.</summary>
    public static EventActivityBinder<Job, RunInterrupted> Record(this EventActivityBinder<Job, RunInterrupted> step) =>
        step.ThenAsync(c => RecordAsync(c, c.Message.Result, null, c.Message.Epoch));

    /// <summary>An interruption is nobody's fault: it is not counted.</summary>
    public static EventActivityBinder<Job, RunInterrupted> GiveBackAttempt(this EventActivityBinder<Job, RunInterrupted> step) =>
        step.Then(c => c.Saga.CountedAttempts--);

    /// <summary>Keeps that the attempt was lost.</summary>
    public static EventActivityBinder<Job, AttemptLost> RecordLoss(this EventActivityBinder<Job, AttemptLost> step) => step.ThenAsync(async c =>
    {
        if (c.Saga.StartedAtMs is { } started)
        {
            // Nobody saw the end; it is not later than this.
            c.Saga.DurationMs = Math.Max(0, c.ClockOf().GetUtcNow().ToUnixTimeMilliseconds() - started);
        }

        var cli = c.Saga.Cli;
        c.LedgerOf().CountAfterCommit(() => JobsTelemetry.AttemptLost(cli));
        await c.LedgerOf().RecordAttemptAsync(c.Saga, null, FailureKinds.WorkerLost, c.CancellationToken);
        await c.LedgerOf().EndLeaseAsync(c.Saga.CorrelationId, c.CancellationToken);
    });

    /// <summary>Back to the queue after a failure: 5, 30, then 120 seconds later.</summary>
    public static EventActivityBinder<Job, RunFailed> PlanAfterFailure(this EventActivityBinder<Job, RunFailed> step) =>
        step.ThenAsync(c => PlanAsync(c, Backoff.AfterFailure(c.Saga.CountedAttempts), LifecycleEvent.AttemptFailed, c.Message.Failure.Kind));

    /// <summary>Back to the queue at once: its worker goes, and others are there.</summary>
    public static EventActivityBinder<Job, RunInterrupted> PlanAfterInterruption(this EventActivityBinder<Job, RunInterrupted> step) =>
        step.ThenAsync(c => PlanAsync(c, TimeSpan.Zero, LifecycleEvent.Interrupted, null));

    /// <summary>Back to the queue after a loss: at once, then 5, 30, 120 seconds later, so that a job which kills its worker does not do so in a loop.</summary>
    public static EventActivityBinder<Job, AttemptLost> PlanAfterLoss(this EventActivityBinder<Job, AttemptLost> step) =>
        step.ThenAsync(c => PlanAsync(c, Backoff.AfterLoss(c.Saga.CountedAttempts), LifecycleEvent.AttemptLost, FailureKinds.WorkerLost));

    /// <summary>Final: the CLI succeeded.</summary>
    public static EventActivityBinder<Job, RunCompleted> MarkCompleted(this EventActivityBinder<Job, RunCompleted> step) =>
        step.ThenAsync(async c =>
        {
            await FinishAsync(c, LifecycleEvent.Completed);
            await c.AnnounceCompletedAsync();
        });

    /// <summary>Final: the run failed.</summary>
    public static EventActivityBinder<Job, RunFailed> MarkFailed(this EventActivityBinder<Job, RunFailed> step) => step.ThenAsync(c =>
    {
        c.Saga.SetFailure(c.Saga is { OnUsageLimit: UsageLimitChoice.Park, CurrentState: nameof(JobLifecycle.Running) } && c.Message.Failure.Kind == FailureKinds.UsageLimit
            ? c.Message.Failure with { Message = "The usage limit at the model provider is reached, and the job would be parked for longer than the server allows. Ask again when it has been reset." }
            : c.Message.Failure);
        return FailAsync(c);
    });

    /// <summary>Final: no attempt is left after a loss.</summary>
    public static EventActivityBinder<Job, AttemptLost> MarkWorkerLost(this EventActivityBinder<Job, AttemptLost> step) => step.ThenAsync(c =>
    {
        c.Saga.SetFailure(new RunFailure
        {
            Kind = FailureKinds.WorkerLost,
            Message = "The worker that ran the job is gone, and no further attempt is allowed. Nothing of the run is alive; start the job again if its effects can be repeated.",
            Retryable = true,
        });
        return FailAsync(c);
    });

    /// <summary>Final: nothing of the job runs, and nothing will.</summary>
    public static EventActivityBinder<Job, T> MarkCanceled<T>(this EventActivityBinder<Job, T> step)
        where T : class => step.ThenAsync(async c =>
        {
            await FinishAsync(c, LifecycleEvent.Canceled);
            await c.AnnounceCanceledAsync();
        });

    /// <summary>Keeps when a cancel was asked first.</summary>
    public static EventActivityBinder<Job, RequestCancellation> MarkCancelRequested(this EventActivityBinder<Job, RequestCancellation> step) => step.ThenAsync(async c =>
    {
        c.Saga.CancelRequestedAtMs ??= c.ClockOf().GetUtcNow().ToUnixTimeMilliseconds();
        if (c.Saga.CurrentState == nameof(JobLifecycle.Running))
        {
            await c.LedgerOf().AppendEventAsync(c.Saga, LifecycleEvent.CancelRequested, c.CancellationToken);
        }
    });

    /// <summary>Due from now on, or from the start that was asked for; the dispatcher is rung by the commit.</summary>
    public static EventActivityBinder<Job, ApprovalGiven> EnterQueue(this EventActivityBinder<Job, ApprovalGiven> step) => step.ThenAsync(async c =>
    {
        var job = c.Saga;
        job.RuleHash = c.Message.RuleHash;
        job.QueuedAtMs = c.ClockOf().GetUtcNow().ToUnixTimeMilliseconds();
        var hasTurn = await c.LedgerOf().TakeTurnsAsync(job, c.CancellationToken);
        job.DueAtMs = hasTurn ? Math.Max(job.NotBeforeMs ?? 0, StoreNow(c).ToUnixTimeMilliseconds()) : Job.NoTurn;
        job.ReleasedAtMs = null;
        await c.LedgerOf().AppendEventAsync(job, LifecycleEvent.Approved, c.CancellationToken);
        if (!hasTurn)
        {
            await c.LedgerOf().AppendEventAsync(job, LifecycleEvent.WaitsForTurn, c.CancellationToken);
        }
    });

    /// <summary>Opens a new request under the rule of the day.</summary>
    public static EventActivityBinder<Job, ApprovalVoided> AskAnew(this EventActivityBinder<Job, ApprovalVoided> step) => step.ThenAsync(async c =>
    {
        c.Saga.ReleasedAtMs = null;
        c.Saga.ApprovalId = await c.LedgerOf().AskAnewAsync(c.Saga, c.Message, c.CancellationToken);
        await c.LedgerOf().AppendEventAsync(c.Saga, LifecycleEvent.AskedAnew, c.CancellationToken);
    });

    /// <summary>Nobody has to decide about a canceled job any more.</summary>
    public static EventActivityBinder<Job, RequestCancellation> CloseRequest(this EventActivityBinder<Job, RequestCancellation> step) =>
        step.ThenAsync(c => c.LedgerOf().CloseRequestAsync(c.Saga, c.CancellationToken));

    /// <summary>Final: a person or a rule keeps it from starting.</summary>
    public static EventActivityBinder<Job, ApprovalRefused> MarkRefused(this EventActivityBinder<Job, ApprovalRefused> step) =>
        step.ThenAsync(c => RefuseAsync(c, c.Message.Failure));

    /// <summary>Final: the policy of the day keeps it from starting.</summary>
    public static EventActivityBinder<Job, ReleaseRefused> MarkRefused(this EventActivityBinder<Job, ReleaseRefused> step) =>
        step.ThenAsync(c => RefuseAsync(c, c.Message.Failure));

    /// <summary>Takes the waiting command back: where all slots are taken for hours, the commands of canceled jobs would pile up.</summary>
    public static EventActivityBinder<Job, T> WithdrawCommand<T>(this EventActivityBinder<Job, T> step)
        where T : class => step.ThenAsync(async c =>
        {
            if (await c.LedgerOf().WithdrawCommandAsync(c.Saga.CorrelationId, c.CancellationToken))
            {
                c.Saga.ReleasedAtMs = null;
            }
        });

    /// <summary>The command of a job that was canceled while it waited has come: it takes no slot any more.</summary>
    public static EventActivityBinder<Job, ClaimRun> ForgetRelease(this EventActivityBinder<Job, ClaimRun> step) => 
        step.ThenAsync(c => c.LedgerOf().ForgetReleaseAsync(c.Saga.CorrelationId, c.CancellationToken));

    internal static IJobLedger LedgerOf(this PipeContext context) =>
        context.GetPayload<IServiceProvider>().GetRequiredService<IJobLedger>();

    internal static TimeProvider ClockOf(this PipeContext context) =>
        context.GetPayload<IServiceProvider>().GetRequiredService<TimeProvider>();

    private static void SetHolder(BehaviorContext<Job, ClaimRun> c)
    {
        c.Saga.WorkerId = c.Message.WorkerId;
        c.Saga.WorkerEpoch = c.Message.Epoch;
        c.Saga.WorkerName = c.Message.WorkerName;
    }

    internal static DateTimeOffset StoreNow(this PipeContext context) => context.GetPayload<IServiceProvider>().GetRequiredService<IStoreClock>().GetUtcNow();

    private static TimeSpan LeaseOf(PipeContext context) =>
        context.GetPayload<IServiceProvider>().GetRequiredService<IOptions<LeaseOptions>>().Value.Duration;

    private static async Task AnswerGrantedAsync(BehaviorContext<Job, ClaimRun> c) => await c.RespondAsync(new RunGranted
    {
        JobId = c.Saga.CorrelationId,
        Attempt = c.Saga.Attempt,
        Lease = LeaseOf(c),
        Grant = await c.LedgerOf().ReadGrantAsync(c.Saga, c.CancellationToken),
    });

    private static async Task RecordAsync(BehaviorContext<Job> c, RunResult reported, string? failureKind, long epoch)
    {
        var result = reported.Believed();
        // A newer process of the same worker spoke: what an older one still says is late.
        c.Saga.WorkerEpoch = epoch;
        if (c.Saga.StartedAtMs is null && result.StartedAt is { } started)
        {
            // Overtaken by the end: who counts starts is told of it all the same.
            await c.AnnounceStartedAsync(started);
        }

        c.Saga.Apply(result);
        var cli = c.Saga.Cli;
        c.LedgerOf().CountAfterCommit(() => JobsTelemetry.RunEnded(cli, result));
        await c.LedgerOf().RecordAttemptAsync(c.Saga, result, failureKind, c.CancellationToken);
        await c.LedgerOf().EndLeaseAsync(c.Saga.CorrelationId, c.CancellationToken);
        if (c.Saga.ProbesGate)
        {
            c.Saga.ProbesGate = false;
            await (failureKind == FailureKinds.UsageLimit ? Task.CompletedTask : c.LedgerOf().OpenGateAsync(c.Saga, c.CancellationToken));
        }
    }

    private static async Task PlanAsync(BehaviorContext<Job> c, TimeSpan delay, LifecycleEvent entry, string? failureKind)
    {
        var job = c.Saga;
        var now = c.ClockOf().GetUtcNow();
        job.QueuedAtMs = now.ToUnixTimeMilliseconds();
        job.NotBeforeMs = delay > TimeSpan.Zero ? (now + delay).ToUnixTimeMilliseconds() : null;
        // From here on it is the dispatcher's.
        job.DueAtMs = (StoreNow(c) + delay).ToUnixTimeMilliseconds();
        job.ReleasedAtMs = null;
        await c.LedgerOf().AppendEventAsync(job, entry, c.CancellationToken);
        await c.AnnounceRetryAsync(nameof(JobLifecycle.Queued), failureKind, now + delay);
    }

    private static Task RefuseAsync(BehaviorContext<Job> c, PolicyFailure failure)
    {
        c.Saga.SetFailure(failure);
        c.Saga.ReleasedAtMs = null;
        return FailAsync(c);
    }

    internal static async Task FailAsync(this BehaviorContext<Job> c)
    {
        await FinishAsync(c, LifecycleEvent.Failed);
        await c.AnnounceFailedAsync();
    }

    private static async Task FinishAsync(BehaviorContext<Job> c, LifecycleEvent entry)
    {
        c.Saga.FinishedAtMs = c.ClockOf().GetUtcNow().ToUnixTimeMilliseconds();
        var (cli, failure, tookMs) = (c.Saga.Cli, c.Saga.FailureKind, c.Saga.FinishedAtMs.Value - c.Saga.CreatedAtMs);
        c.LedgerOf().CountAfterCommit(() => JobsTelemetry.JobEnded(cli, entry.Phase, failure, tookMs));
        await c.LedgerOf().SettleCostAsync(c.Saga, c.CancellationToken);
        await c.LedgerOf().KeepConversationAsync(c.Saga, c.CancellationToken);
        await c.LedgerOf().PassTurnsOnAsync(c.Saga, c.CancellationToken);
        await c.LedgerOf().AppendEventAsync(c.Saga, entry, c.CancellationToken);
    }
}

using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Contracts.Workspaces;
using Gateway.Jobs.Parking;
using MassTransit;

namespace Gateway.Jobs.Lifecycle;

/// <summary>
/// Who may speak for a job: the worker that holds its newest attempt, by attempt, worker and epoch. The conditions of
/// the table in <see cref="JobLifecycle"/>; every message matches exactly one of the conditions that its state lists.
/// </summary>
internal static class Holder
{
    /// <summary>The claim is for the attempt that was released.</summary>
    public static bool IsNext(BehaviorContext<Job, ClaimRun> c) => c.Message.Attempt == c.Saga.Attempt + 1;

    /// <summary>The claim is for an attempt that was replaced or never released.</summary>
    public static bool IsNotNext(BehaviorContext<Job, ClaimRun> c) => !IsNext(c);

    /// <summary>The holder asks again: the first answer may have been lost.</summary>
    public static bool ClaimsAgain(BehaviorContext<Job, ClaimRun> c) =>
        Holds(c.Saga, c.Message.Attempt, c.Message.WorkerId, c.Message.Epoch);

    /// <summary>
    /// The claim names no directory beside those of which the job has the turn, or the job takes its turn here. When another job has it, this one
    /// has given back all of its turns. A process that is there already has its directory: a late claim takes and gives back nothing.
    /// </summary>
    public static async Task<bool> TakesTurnAsync(BehaviorContext<Job, ClaimRun> c) =>
        c.Message.DirectoryTurn is not { } key || !DirectoryTurnKey.IsOne(key) || c.Saga.StartedAtMs is not null || await c.LedgerOf().TakeTurnAsync(c.Saga, key, c.CancellationToken);

    /// <summary>The holder's lease has not ended: it has a new term now, under its newest epoch.</summary>
    public static Task<bool> RenewsLeaseAsync(BehaviorContext<Job, ClaimRun> c) => c.RenewLeaseAsync();

    /// <summary>Somebody else asks.</summary>
    public static bool ClaimsAnothers(BehaviorContext<Job, ClaimRun> c) => !ClaimsAgain(c);

    /// <summary>The start is of the held attempt.</summary>
    public static bool Speaks(BehaviorContext<Job, RunStarted> c) =>
        Holds(c.Saga, c.Message.Attempt, c.Message.WorkerId, c.Message.Epoch);

    /// <summary>The success is of the held attempt.</summary>
    public static bool Speaks(BehaviorContext<Job, RunCompleted> c) =>
        Holds(c.Saga, c.Message.Attempt, c.Message.WorkerId, c.Message.Epoch);

    /// <summary>The failure is of the held attempt.</summary>
    public static bool Speaks(BehaviorContext<Job, RunFailed> c) =>
        Holds(c.Saga, c.Message.Attempt, c.Message.WorkerId, c.Message.Epoch);

    /// <summary>The stop is of the held attempt.</summary>
    public static bool Speaks(BehaviorContext<Job, RunCanceled> c) =>
        Holds(c.Saga, c.Message.Attempt, c.Message.WorkerId, c.Message.Epoch);

    /// <summary>The interruption is of the held attempt.</summary>
    public static bool Speaks(BehaviorContext<Job, RunInterrupted> c) =>
        Holds(c.Saga, c.Message.Attempt, c.Message.WorkerId, c.Message.Epoch);

    /// <summary>The failure is of the held attempt, and another attempt may help.</summary>
    public static bool SpeaksAndMayTryAgain(BehaviorContext<Job, RunFailed> c) =>
        Speaks(c) && !IsUsageLimit(c) && c.Message.Failure.Again && HasAttemptsLeft(c.Saga);

    /// <summary>The held attempt has met the provider's usage limit.</summary>
    public static bool SpeaksOfUsageLimit(BehaviorContext<Job, RunFailed> c) => Speaks(c) && IsUsageLimit(c);

    /// <summary>The job waits for the end of the limit, and may wait so long.</summary>
    public static bool MayPark(BehaviorContext<Job, RunFailed> c) => c.Saga.OnUsageLimit == UsageLimitChoice.Park && c.ParkingOf().Fits;

    /// <summary>Its credential has not met a usage limit since the attempt was released.</summary>
    public static Task<bool> MayBeginAsync(BehaviorContext<Job, ClaimRun> c) => c.LedgerOf().PassesGateAsync(c.Saga, c.CancellationToken);

    /// <summary>The parking that has ended is of the newest attempt.</summary>
    public static bool IsOfNewest(BehaviorContext<Job, ParkingEnded> c) => c.Message.Attempt == c.Saga.Attempt;

    /// <summary>The failure is of the held attempt, and it is the last.</summary>
    public static bool SpeaksAtTheEnd(BehaviorContext<Job, RunFailed> c) => Speaks(c) && !IsUsageLimit(c) && !SpeaksAndMayTryAgain(c);

    /// <summary>The held attempt is gone; the sweeper says so without a worker.</summary>
    public static bool IsLost(BehaviorContext<Job, AttemptLost> c) => c.Message.WorkerId is { } worker
        ? Holds(c.Saga, c.Message.Attempt, worker, c.Message.Epoch ?? 0)
        : c.Saga.Attempt == c.Message.Attempt;

    /// <summary>The held attempt is gone, and another one is allowed.</summary>
    public static bool LostAndMayTryAgain(BehaviorContext<Job, AttemptLost> c) => IsLost(c) && HasAttemptsLeft(c.Saga);

    /// <summary>The held attempt is gone, and it was the last.</summary>
    public static bool LostAtTheEnd(BehaviorContext<Job, AttemptLost> c) => IsLost(c) && !HasAttemptsLeft(c.Saga);

    /// <summary>Not of the held attempt.</summary>
    public static bool IsFenced(BehaviorContext<Job, RunCompleted> c) => !Speaks(c);

    /// <summary>Not of the held attempt.</summary>
    public static bool IsFenced(BehaviorContext<Job, RunFailed> c) => !Speaks(c);

    /// <summary>Not of the held attempt.</summary>
    public static bool IsFenced(BehaviorContext<Job, RunCanceled> c) => !Speaks(c);

    /// <summary>Not of the held attempt.</summary>
    public static bool IsFenced(BehaviorContext<Job, RunInterrupted> c) => !Speaks(c);

    /// <summary>Not of the held attempt.</summary>
    public static bool IsFenced(BehaviorContext<Job, AttemptLost> c) => !IsLost(c);

    private static bool IsUsageLimit(BehaviorContext<Job, RunFailed> c) => c.Message.Failure.Kind == FailureKinds.UsageLimit;

    private static bool Holds(Job job, int attempt, Guid workerId, long epoch) =>
        job.Attempt == attempt && job.WorkerId == workerId && job.WorkerEpoch <= epoch;

    private static bool HasAttemptsLeft(Job job) => job.CountedAttempts < job.MaxAttempts;
}

namespace Gateway.Jobs.Lifecycle;

/// <summary>An event of a job that the gateway itself adds.</summary>
/// <param name="Phase">Phase that begins.</param>
/// <param name="Kind"><c>lifecycle</c> or <c>terminal</c>.</param>
/// <param name="Message">A fixed phrase of at most 120 characters.</param>
public sealed record LifecycleEvent(string Phase, string Kind, string Message)
{
    /// <summary>The first event of every job.</summary>
    public static LifecycleEvent Accepted { get; } = new("queued", "lifecycle", "The job was accepted.");

    /// <summary>The second event of a job that a person has to agree to.</summary>
    public static LifecycleEvent AwaitsApproval { get; } = new("waiting", "lifecycle", "The job waits for the approval of a person.");

    /// <summary>Follows on an acceptance, or on a start that was tried, while another job of the conversation or the directory has not ended.</summary>
    public static LifecycleEvent WaitsForTurn { get; } = new("waiting", "lifecycle", "The job waits until another one of its session or directory has ended.");

    /// <summary>The job that it waited for has ended.</summary>
    public static LifecycleEvent HasTurn { get; } = new("queued", "lifecycle", "It is the job's turn.");

    internal static LifecycleEvent Approved { get; } = new("queued", "lifecycle", "The job was approved.");

    internal static LifecycleEvent AskedAnew { get; } = new("waiting", "lifecycle", "The rule has changed; the job waits for a new approval.");

    internal static LifecycleEvent Granted { get; } = new("starting", "lifecycle", "A worker took the job.");

    /// <summary>What a new job begins with.</summary>
    /// <param name="job">The job, not yet stored.</param>
    public static IReadOnlyList<LifecycleEvent> FirstOf(Job job) =>
        job.CurrentState == nameof(JobLifecycle.AwaitingApproval) ? [Accepted, AwaitsApproval]
        : job.DueAtMs == Job.NoTurn ? [Accepted, WaitsForTurn]
        : [Accepted];

    internal static LifecycleEvent Started { get; } = new("starting", "lifecycle", "The CLI was started.");

    internal static LifecycleEvent CancelRequested { get; } = new("canceling", "lifecycle", "Cancel was asked for.");

    internal static LifecycleEvent AttemptFailed { get; } = new("waiting", "lifecycle", "The attempt failed; another one follows.");

    internal static LifecycleEvent Parked { get; } = new("waiting", "lifecycle", "The provider's usage limit is reached; the job goes on by itself.");

    internal static LifecycleEvent ParkingEnded { get; } = new("queued", "lifecycle", "The wait for the usage limit is over.");

    internal static LifecycleEvent AttemptLost { get; } = new("queued", "lifecycle", "The attempt was lost; another one follows.");

    internal static LifecycleEvent Interrupted { get; } = new("queued", "lifecycle", "The worker is being replaced; the job goes on elsewhere.");

    internal static LifecycleEvent Completed { get; } = new("completed", "terminal", "The job is completed.");

    internal static LifecycleEvent Failed { get; } = new("failed", "terminal", "The job failed.");

    internal static LifecycleEvent Canceled { get; } = new("canceled", "terminal", "The job is canceled.");
}

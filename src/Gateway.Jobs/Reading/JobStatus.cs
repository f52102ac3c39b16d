namespace Gateway.Jobs.Reading;

/// <summary>The words of a job's state, as callers see them. Also what the row stores.</summary>
public static class JobStatus
{
    /// <summary>A person has to agree.</summary>
    public const string AwaitingApproval = "awaiting_approval";

    /// <summary>Waits for a worker, or for the pause before another attempt.</summary>
    public const string Queued = "queued";

    /// <summary>A worker holds it.</summary>
    public const string Running = "running";

    /// <summary>The provider's usage limit is reached; goes on by itself.</summary>
    public const string Parked = "parked";

    /// <summary>Cancel was asked, death of the process tree not yet proven.</summary>
    public const string Canceling = "canceling";

    /// <summary>The CLI succeeded and all output is stored. Final.</summary>
    public const string Completed = "completed";

    /// <summary>See the failure. Final.</summary>
    public const string Failed = "failed";

    /// <summary>Nothing of the run is alive. Final.</summary>
    public const string Canceled = "canceled";

    /// <summary>All states that this version can reach, in the order of a job's life.</summary>
    public static IReadOnlyList<string> All { get; } = [AwaitingApproval, Queued, Running, Parked, Canceling, Completed, Failed, Canceled];

    /// <summary>True for a state that never changes.</summary>
    /// <param name="status">A state.</param>
    public static bool IsFinal(string status) => status is Completed or Failed or Canceled;
}

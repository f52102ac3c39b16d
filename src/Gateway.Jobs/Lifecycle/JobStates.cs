using Gateway.Jobs.Reading;

namespace Gateway.Jobs.Lifecycle;

/// <summary>Between the names of <see cref="JobLifecycle"/>'s states, which the row stores, and the words that callers see.</summary>
public static class JobStates
{
    /// <summary>The caller's word for the job's state.</summary>
    /// <param name="job">The job.</param>
    public static string Status(this Job job) => StatusOf(job.CurrentState);

    /// <summary>The caller's word for a stored state.</summary>
    /// <param name="state">Stored name, such as <c>Queued</c>.</param>
    public static string StatusOf(string state) => state == nameof(JobLifecycle.AwaitingApproval)
        ? JobStatus.AwaitingApproval
        : string.IsInterned(state.ToLowerInvariant()) ?? state.ToLowerInvariant();

    /// <summary>The stored name for a caller's word.</summary>
    /// <param name="status">One of <see cref="JobStatus"/>.</param>
    public static string StateOf(string status) => status == JobStatus.AwaitingApproval
        ? nameof(JobLifecycle.AwaitingApproval)
        : char.ToUpperInvariant(status[0]) + status[1..];
}

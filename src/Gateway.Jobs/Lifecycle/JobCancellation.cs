namespace Gateway.Jobs.Lifecycle;

/// <summary>Cancels jobs, from any API process.</summary>
public sealed class JobCancellation
{
    /// <summary>Asks for the end of a job. Answers after the decision is committed; null for an unknown or foreign job.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="reason">For the audit alone.</param>
    /// <param name="cancellationToken">Ends the waiting, not the cancel.</param>
    public Task<CancelOutcome?> CancelAsync(Caller caller, Guid jobId, string? reason, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}

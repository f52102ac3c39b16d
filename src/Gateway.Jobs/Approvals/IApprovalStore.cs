using Gateway.Policies.Evaluation;

namespace Gateway.Jobs.Approvals;

/// <summary>
/// Where requests are kept. Implemented by Storage. The request of a job is stored with the job, by <c>IJobStore</c>; a consent to a
/// repeat is used up in the transaction that counts the call, by <c>IJobStore</c> and <c>IPolicyLedger</c>.
/// </summary>
public interface IApprovalStore
{
    /// <summary>A request; null for an unknown one and for another tenant's.</summary>
    /// <param name="tenant">The tenant; null, for operators alone, for any.</param>
    /// <param name="approvalId">Its id.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<ApprovalRecord?> FindAsync(string? tenant, Guid approvalId, CancellationToken cancellationToken);

    /// <summary>Requests, newest first; one more than the limit shows that there are more.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<ApprovalRecord>> ListAsync(ApprovalFilter filter, CancellationToken cancellationToken);

    /// <summary>
    /// Closes a request that is open and not expired, and tells the job, in one commit. Of several that close it at once one does.
    /// </summary>
    /// <param name="approvalId">The request.</param>
    /// <param name="closing">How.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>Whether this call closed it, and how it stands now; null for an unknown one.</returns>
    Task<(bool Closed, ApprovalRecord Record)?> CloseAsync(Guid approvalId, ApprovalClosing closing, CancellationToken cancellationToken);

    /// <summary>Closes requests whose time is over; their jobs fail.</summary>
    /// <param name="most">Most of them.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>How many were closed.</returns>
    Task<int> ExpireAsync(int most, CancellationToken cancellationToken);

    /// <summary>
    /// For a call that passes only when it is repeated after consent: finds its request, or makes one where there is none, or the last
    /// one has expired or was used. Counts nothing.
    /// </summary>
    /// <param name="request">The call.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>Why the call may not pass; null when a person has agreed and nobody has used it.</returns>
    Task<Refusal?> AskAsync(ApprovalRequest request, CancellationToken cancellationToken);

    /// <summary>The call of a job, for those who judge it again; null when retention has removed it.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<StoredCall?> FindCallAsync(Guid jobId, CancellationToken cancellationToken);
}

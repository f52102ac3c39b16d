using Gateway.Jobs.Reading;

namespace Gateway.Jobs.Approvals;

/// <summary>Finds what a job waits for.</summary>
public static class PendingApprovals
{
    /// <summary>The open request of a job; null when it waits for none.</summary>
    /// <param name="approvals">Where requests are kept.</param>
    /// <param name="caller">The job's owner.</param>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<PendingApproval?> FindPendingAsync(this IApprovalStore approvals, Caller caller, JobView job, CancellationToken cancellationToken) =>
        job.Status == JobStatus.AwaitingApproval
        && ApprovalIdText.TryParse(job.ApprovalId, out var id)
        && await approvals.FindAsync(caller.Tenant, id, cancellationToken) is { } record
            ? new PendingApproval(ApprovalIdText.Format(id), record.Reason, record.ExpiresAt)
            : null;
}

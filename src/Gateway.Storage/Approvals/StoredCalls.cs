using Gateway.Jobs.Approvals;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Approvals;

/// <summary>The calls of jobs as they were sent: arguments, prompt and key lie apart, and are put together again.</summary>
internal static class StoredCalls
{
    /// <summary>The calls that are still stored, by their jobs.</summary>
    public static async Task<IReadOnlyDictionary<Guid, StoredCall>> ReadAsync(GatewayDb db, IReadOnlyList<Guid> jobIds, CancellationToken cancellationToken)
    {
        var rows = await (from job in db.Jobs.AsNoTracking()
                          where jobIds.Contains(job.CorrelationId)
                          join request in db.Requests on job.CorrelationId equals request.JobId
                          select new { job.CorrelationId, job.GrantLabel, job.Tenant, job.Grant, job.IdempotencyKey, request.Tool, request.ArgumentsJson, request.Prompt, request.WorkingDirectory, request.CallerAsks })
            .ToListAsync(cancellationToken);
        return rows.ToDictionary(
            row => row.CorrelationId,
            row => new StoredCall(new StoredGrant(row.GrantLabel, row.Tenant, row.Grant), row.Tool, CallText.Whole(row.ArgumentsJson, row.Prompt, row.IdempotencyKey), row.WorkingDirectory, row.CallerAsks));
    }

    /// <summary>The same with the consents that the jobs have.</summary>
    public static async Task<IReadOnlyDictionary<Guid, JudgedCall>> ReadJudgedAsync(GatewayDb db, IReadOnlyList<Guid> jobIds, CancellationToken cancellationToken)
    {
        var calls = await ReadAsync(db, jobIds, cancellationToken);
        var consents = await (from job in db.Jobs.AsNoTracking()
                              where jobIds.Contains(job.CorrelationId)
                              join approval in db.Approvals on job.ApprovalId equals approval.ApprovalId
                              select new { job.CorrelationId, approval.ApprovalId, approval.RuleHash }).ToDictionaryAsync(row => row.CorrelationId, cancellationToken);
        return calls.ToDictionary(
            call => call.Key,
            call => new JudgedCall(call.Value, consents.TryGetValue(call.Key, out var consent) ? (consent.ApprovalId, consent.RuleHash) : null));
    }
}

using Gateway.Contracts.Values;
using Gateway.Jobs.Audit;

namespace Gateway.Jobs.Approvals;

/// <summary>What the audit log says of requests: who was asked about what, who decided, and what became of consent that counts no more.</summary>
public static class ApprovalAudit
{
    /// <summary>A person is asked.</summary>
    /// <param name="record">The request.</param>
    public static AuditRecord Requested(ApprovalRecord record) =>
        Of(record, "approval/requested", AuditDecisions.Held, record.CreatedAt) with { Reason = record.Reason };

    /// <summary>A request was closed, however that was.</summary>
    /// <param name="record">The request after it.</param>
    public static AuditRecord Closed(ApprovalRecord record)
    {
        var at = record.DecidedAt ?? record.ExpiresAt;
        return record.Status switch
        {
            ApprovalStatus.Approved => Of(record, "approval/decided", AuditDecisions.Allowed, at),
            ApprovalStatus.Rejected => Of(record, "approval/decided", AuditDecisions.Denied, at) with { Kind = FailureKinds.ApprovalRejected },
            ApprovalStatus.Expired => Of(record, "approval/expired", AuditDecisions.Denied, at) with { Kind = FailureKinds.ApprovalExpired },
            _ => Of(record, "approval/voided", AuditDecisions.Done, at),
        } with
        {
            // Why a rule has voided it, in words of ours. What a person says is an argument of that person's call, and no record holds one.
            Reason = record.DecidedBy is null ? record.Comment : null,
            DecidedBy = record.DecidedBy,
        };
    }

    private static AuditRecord Of(ApprovalRecord record, string method, string decision, DateTimeOffset at) => new()
    {
        At = at,
        Tenant = record.Caller.Tenant,
        Grant = record.GrantLabel,
        Caller = record.Caller.Grant,
        Method = method,
        Tool = record.Tool,
        Decision = decision,
        Rule = record.Rule,
        Policy = record.Policy,
        PolicyHash = record.PolicyHash,
        ArgumentNames = record.ArgumentNames,
        JobId = record.JobId,
        ApprovalId = record.Id,
    };
}

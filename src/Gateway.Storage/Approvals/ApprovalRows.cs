using Gateway.Contracts.Events;
using Gateway.Jobs.Approvals;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Approvals;

/// <summary>Changes of requests within the transaction of what they belong to.</summary>
internal static class ApprovalRows
{
    /// <summary>Closes a request, or takes back a consent, that counts no more.</summary>
    public static Task<int> VoidAsync(GatewayDb db, Guid? approvalId, string why, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var nowMs = now.ToUnixTimeMilliseconds();
        return db.Approvals
            .Where(a => a.ApprovalId == approvalId && (a.Status == ApprovalStatus.Pending || a.Status == ApprovalStatus.Approved))
            .ExecuteUpdateAsync(
                set => set.SetProperty(a => a.Status, ApprovalStatus.Void).SetProperty(a => a.DecidedAtMs, nowMs).SetProperty(a => a.Comment, why),
                cancellationToken);
    }

    /// <summary>Opens a new request for the same call under another rule.</summary>
    public static async Task<Guid> AskAnewAsync(GatewayDb db, ApprovalVoided voided, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await VoidAsync(db, voided.ApprovalId, "The rule has changed.", now, cancellationToken);
        var old = await db.Approvals.AsNoTracking().SingleAsync(a => a.ApprovalId == voided.ApprovalId, cancellationToken);
        var next = new ApprovalRow
        {
            ApprovalId = ApprovalIdText.NewId(),
            Tenant = old.Tenant,
            Grant = old.Grant,
            GrantLabel = old.GrantLabel,
            Cli = old.Cli,
            Tool = old.Tool,
            Mode = old.Mode,
            Status = ApprovalStatus.Pending,
            Policy = voided.Policy,
            PolicyHash = voided.PolicyHash,
            Rule = voided.Rule,
            RuleHash = voided.RuleHash,
            Reason = voided.Reason,
            CallHash = old.CallHash,
            ArgumentNamesJson = old.ArgumentNamesJson,
            PromptPreview = old.PromptPreview,
            PromptSha256 = old.PromptSha256,
            BypassRequested = old.BypassRequested,
            FullAuto = old.FullAuto,
            JobId = old.JobId,
            CreatedAtMs = now.ToUnixTimeMilliseconds(),
            ExpiresAtMs = (now + voided.Timeout).ToUnixTimeMilliseconds(),
        };
        db.Approvals.Add(next);
        return next.ApprovalId;
    }
}

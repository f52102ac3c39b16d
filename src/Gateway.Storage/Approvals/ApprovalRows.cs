using System.Text.Json;
using Gateway.Contracts.Events;
using Gateway.Jobs;
using Gateway.Jobs.Approvals;
using Gateway.Storage.Audit;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Approvals;

/// <summary>Changes of requests within the transaction of what they belong to.</summary>
internal static class ApprovalRows
{
    private const int PreviewChars = 500;

    /// <summary>The row of a new request.</summary>
    /// <param name="approvalId">Its id.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="jobId">The job that waits for it; null when a repeat of the call is waited for.</param>
    private static ApprovalRow New(Guid approvalId, ApprovalRequest request, Guid? jobId) => new()
    {
        ApprovalId = approvalId,
        Tenant = request.Caller.Tenant,
        Grant = request.Caller.Grant,
        GrantLabel = request.GrantLabel,
        Cli = request.Cli,
        Tool = request.Tool,
        Mode = jobId is null ? ApprovalModes.Repeat : ApprovalModes.Job,
        Status = ApprovalStatus.Pending,
        Policy = request.Policy,
        PolicyHash = request.PolicyHash,
        Rule = request.Terms.Rule,
        RuleHash = request.RuleHash,
        Reason = request.Terms.Reason,
        CallHash = request.CallHash,
        ArgumentNamesJson = JsonSerializer.Serialize(request.ArgumentNames, JobsJson.Default.IReadOnlyListString),
        McpServersJson = StoredNames.Json(request.McpServers),
        PromptPreview = Preview(request.Prompt),
        PromptSha256 = request.PromptHash,
        BypassRequested = request.BypassRequested,
        FullAuto = request.FullAuto,
        JobId = jobId,
        CreatedAtMs = request.At.ToUnixTimeMilliseconds(),
        ExpiresAtMs = request.ExpiresAt.ToUnixTimeMilliseconds(),
    };

    /// <summary>Opens a request, and records that a person is asked.</summary>
    public static ApprovalRow Open(GatewayDb db, Guid approvalId, ApprovalRequest request, Guid? jobId)
    {
        var row = New(approvalId, request, jobId);
        db.Approvals.Add(row);
        db.Audit.Add(AuditRows.Of(ApprovalAudit.Requested(row.ToRecord(request.At)), request.At));
        return row;
    }

    /// <summary>
    /// Uses up the consent to a repeat of the call, if there is one that nobody has used. Not committed, it is there again; of two calls
    /// at once one finds it.
    /// </summary>
    public static async Task<bool> TryUseAsync(GatewayDb db, ApprovalRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (tenant, grant, hash, rule, nowMs) = (request.Caller.Tenant, request.Caller.Grant, request.CallHash, request.RuleHash, now.ToUnixTimeMilliseconds());
        return await db.Approvals
            .Where(a => a.Tenant == tenant && a.Grant == grant && a.CallHash == hash && a.RuleHash == rule && a.Mode == ApprovalModes.Repeat
                && a.Status == ApprovalStatus.Approved && a.UsedAtMs == null && a.ExpiresAtMs > nowMs)
            .ExecuteUpdateAsync(set => set.SetProperty(a => a.UsedAtMs, nowMs), cancellationToken) > 0;
    }

    /// <summary>Closes a request, or takes back a consent, that counts no more.</summary>
    public static async Task VoidAsync(GatewayDb db, Guid? approvalId, string why, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var nowMs = now.ToUnixTimeMilliseconds();
        var voided = await db.Approvals
            .Where(a => a.ApprovalId == approvalId && (a.Status == ApprovalStatus.Pending || a.Status == ApprovalStatus.Approved))
            .ExecuteUpdateAsync(
                set => set.SetProperty(a => a.Status, ApprovalStatus.Void).SetProperty(a => a.DecidedAtMs, nowMs).SetProperty(a => a.Comment, why),
                cancellationToken);
        if (voided == 1)
        {
            var row = await db.Approvals.AsNoTracking().SingleAsync(a => a.ApprovalId == approvalId, cancellationToken);
            db.Audit.Add(AuditRows.Of(ApprovalAudit.Closed(row.ToRecord(now)), now));
        }
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
            McpServersJson = old.McpServersJson,
            PromptPreview = old.PromptPreview,
            PromptSha256 = old.PromptSha256,
            BypassRequested = old.BypassRequested,
            FullAuto = old.FullAuto,
            JobId = old.JobId,
            CreatedAtMs = now.ToUnixTimeMilliseconds(),
            ExpiresAtMs = (now + voided.Timeout).ToUnixTimeMilliseconds(),
        };
        db.Approvals.Add(next);
        db.Audit.Add(AuditRows.Of(ApprovalAudit.Requested(next.ToRecord(now)), now));
        return next.ApprovalId;
    }

    /// <summary>The row as others see it at a time: what nobody has closed after its time is over.</summary>
    public static ApprovalRecord ToRecord(this ApprovalRow row, DateTimeOffset now) => new()
    {
        Id = row.ApprovalId,
        Caller = new Caller(row.Tenant, row.Grant),
        GrantLabel = row.GrantLabel,
        Cli = row.Cli,
        Tool = row.Tool,
        Mode = row.Mode,
        Status = row.Status == ApprovalStatus.Pending && row.ExpiresAtMs <= now.ToUnixTimeMilliseconds() ? ApprovalStatus.Expired : row.Status,
        Policy = row.Policy,
        PolicyHash = row.PolicyHash,
        Rule = row.Rule,
        RuleHash = row.RuleHash,
        Reason = row.Reason,
        ArgumentNames = JsonSerializer.Deserialize(row.ArgumentNamesJson, JobsJson.Default.IReadOnlyListString) ?? [],
        McpServers = StoredNames.Of(row.McpServersJson) ?? [],
        PromptPreview = row.PromptPreview,
        PromptHash = row.PromptSha256,
        BypassRequested = row.BypassRequested,
        FullAuto = row.FullAuto,
        JobId = row.JobId,
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAtMs),
        ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(row.ExpiresAtMs),
        DecidedAt = At(row.DecidedAtMs),
        DecidedBy = row.DecidedBy,
        Comment = row.Comment,
        UsedAt = At(row.UsedAtMs),
    };

    private static DateTimeOffset? At(long? ms) => ms is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;

    // Half of a character would be no text.
    private static string? Preview(string? prompt) => prompt is { Length: > PreviewChars }
        ? prompt[..(char.IsHighSurrogate(prompt[PreviewChars - 1]) ? PreviewChars - 1 : PreviewChars)]
        : prompt;
}

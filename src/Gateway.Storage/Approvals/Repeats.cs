using System.Globalization;
using Gateway.Jobs.Approvals;
using Gateway.Policies.Approvals;
using Gateway.Policies.Evaluation;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Approvals;

/// <summary>Calls that pass once when they are repeated after consent.</summary>
internal static class Repeats
{
    private const int MostOpen = 20;

    /// <summary>Finds the request of a call, or makes one; null when the call may pass.</summary>
    public static async Task<Refusal?> AskAsync(GatewayDb db, ApprovalRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await FindAsync(db, request, now, cancellationToken) is { } known)
        {
            return Answer(known, request);
        }

        // Two processes that ask at once make one request, and no more of them than may be open: whoever comes second looks again.
        await db.Locks.Where(l => l.Name == LockRow.Admission).ExecuteUpdateAsync(set => set.SetProperty(l => l.Taken, l => l.Taken + 1), cancellationToken);
        if (await FindAsync(db, request, now, cancellationToken) is { } meanwhile)
        {
            return Answer(meanwhile, request);
        }

        var (tenant, grant, nowMs) = (request.Caller.Tenant, request.Caller.Grant, now.ToUnixTimeMilliseconds());
        var open = await db.Approvals.CountAsync(
            a => a.Tenant == tenant && a.Grant == grant && a.Mode == ApprovalModes.Repeat && a.Status == ApprovalStatus.Pending && a.ExpiresAtMs > nowMs, cancellationToken);
        if (open >= MostOpen)
        {
            return Refused(request, RefusalKinds.QueueFull, string.Create(CultureInfo.InvariantCulture, $"limit of open requests for approval ({MostOpen}) reached"))
                with { Limit = MostOpen, Remaining = 0 };
        }

        return Answer(ApprovalRows.Open(db, ApprovalIdText.NewId(), request, null), request);
    }

    /// <summary>Uses up the consent to a call, where the rule wants one; else why it may not pass, without an id: a person is asked outside of this transaction.</summary>
    public static async Task<Refusal?> PassAsync(GatewayDb db, ApprovalRequest? request, DateTimeOffset now, CancellationToken cancellationToken) =>
        request is null || request.Terms.Mode != ApprovalMode.Repeat || await ApprovalRows.TryUseAsync(db, request, now, cancellationToken)
            ? null
            : Refused(request, RefusalKinds.ApprovalRequired, request.Terms.Reason);

    // The newest one that still says something: neither over, nor used, nor void.
    private static Task<ApprovalRow?> FindAsync(GatewayDb db, ApprovalRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (tenant, grant, hash, nowMs) = (request.Caller.Tenant, request.Caller.Grant, request.CallHash, now.ToUnixTimeMilliseconds());
        return db.Approvals.AsNoTracking()
            .Where(a => a.Tenant == tenant && a.Grant == grant && a.CallHash == hash && a.Mode == ApprovalModes.Repeat
                && a.ExpiresAtMs > nowMs && a.UsedAtMs == null && a.Status != ApprovalStatus.Void && a.Status != ApprovalStatus.Expired)
            .OrderByDescending(a => a.CreatedAtMs)
            .FirstOrDefaultAsync(cancellationToken);
    }

    private static Refusal? Answer(ApprovalRow row, ApprovalRequest request) => row.Status switch
    {
        ApprovalStatus.Approved => null,
        ApprovalStatus.Rejected => Refused(request, RefusalKinds.ApprovalRejected, ApprovalWords.Rejected(row.Comment)) with { ApprovalId = row.ApprovalId },
        _ => Refused(request, RefusalKinds.ApprovalRequired, request.Terms.Reason) with
        {
            ApprovalId = row.ApprovalId,
            ApprovalExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(row.ExpiresAtMs),
        },
    };

    private static Refusal Refused(ApprovalRequest request, string kind, string reason) =>
        new() { Kind = kind, Rule = request.Terms.Rule, Reason = reason, PolicyHash = request.PolicyHash };
}

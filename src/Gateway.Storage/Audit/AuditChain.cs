using Gateway.Jobs.Audit;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Audit;

/// <summary>Reads records with their links.</summary>
internal static class AuditChain
{
    /// <summary>Links in their order, with their records.</summary>
    public static async Task<IReadOnlyList<(AuditLink Link, AuditEntry? Entry)>> ReadAsync(GatewayDb db, long after, int most, CancellationToken cancellationToken)
    {
        var links = await db.AuditSeals.AsNoTracking().Where(s => s.Seq > after).OrderBy(s => s.Seq).Take(most).ToListAsync(cancellationToken);
        var ids = links.ConvertAll(link => link.AuditId);
        var rows = await db.Audit.AsNoTracking().Where(a => ids.Contains(a.AuditId)).ToDictionaryAsync(a => a.AuditId, cancellationToken);
        return links.ConvertAll(link => (
            new AuditLink(link.Seq, link.AuditId, link.KeyId, link.Hash),
            rows.TryGetValue(link.AuditId, out var row) ? AuditRows.EntryOf(row, link.Seq) : null));
    }

    /// <summary>Records that fit a filter.</summary>
    public static async Task<IReadOnlyList<AuditEntry>> ListAsync(GatewayDb db, AuditFilter filter, CancellationToken cancellationToken)
    {
        var rows = Filtered(db.Audit.AsNoTracking(), filter);
        rows = filter.OldestFirst ? rows.OrderBy(a => a.AuditId) : rows.OrderByDescending(a => a.AuditId);
        var found = await rows.Take(filter.Limit)
            .Select(a => new { Row = a, Seq = db.AuditSeals.Where(s => s.AuditId == a.AuditId).Select(s => (long?)s.Seq).FirstOrDefault() })
            .ToListAsync(cancellationToken);
        return found.ConvertAll(one => AuditRows.EntryOf(one.Row, one.Seq));
    }

    private static IQueryable<AuditRow> Filtered(IQueryable<AuditRow> rows, AuditFilter filter)
    {
        var (sinceMs, untilMs) = (filter.Since?.ToUnixTimeMilliseconds(), filter.Until?.ToUnixTimeMilliseconds());
        rows = sinceMs is null ? rows : rows.Where(a => a.AtMs >= sinceMs);
        rows = untilMs is null ? rows : rows.Where(a => a.AtMs < untilMs);
        rows = filter.Tenant is null ? rows : rows.Where(a => a.Tenant == filter.Tenant);
        rows = filter.Tool is null ? rows : rows.Where(a => a.Tool == filter.Tool);
        rows = filter.Decision is null ? rows : rows.Where(a => a.Decision == filter.Decision);
        rows = filter.Caller is null ? rows : rows.Where(a => a.Grant == filter.Caller);
        rows = filter.JobId is null ? rows : rows.Where(a => a.JobId == filter.JobId);
        return filter.After is not { } after ? rows : filter.OldestFirst ? rows.Where(a => a.AuditId > after) : rows.Where(a => a.AuditId < after);
    }
}

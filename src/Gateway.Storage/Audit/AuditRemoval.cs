using Gateway.Jobs.Audit;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Audit;

/// <summary>Removes the oldest sealed records, and leaves an anchor from which the rest of the chain is verified.</summary>
internal static class AuditRemoval
{
    /// <summary>
    /// Removes a batch within the open transaction. It stops before a record that is not what was sealed: with the age of a record, which
    /// stands in the database, nobody makes a gateway remove what is young.
    /// </summary>
    /// <param name="db">The context of the transaction.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="beforeMs">Records from before then.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>How many were removed.</returns>
    public static async Task<int> RemoveAsync(GatewayDb db, AuditKeys keys, long beforeMs, int most, CancellationToken cancellationToken)
    {
        await db.Locks.Where(l => l.Name == LockRow.Audit).ExecuteUpdateAsync(set => set.SetProperty(l => l.Taken, l => l.Taken + 1), cancellationToken);
        var start = await db.AuditAnchors.AsNoTracking().FirstOrDefaultAsync(a => a.Name == AuditAnchor.Start, cancellationToken) is { } row
            ? new AuditAnchor(row.Name, new AuditHead(row.Seq, row.Hash), row.Mac)
            : null;
        if (start?.IsGenuine(keys) == false)
        {
            return 0;
        }

        var place = start?.Place ?? AuditHead.None;
        var ids = new List<long>();
        var (last, removed) = ((AuditHead?)null, 0);
        foreach (var (link, entry) in await AuditChain.ReadAsync(db, place.Seq, most, cancellationToken))
        {
            if (entry is not null && (entry.AtMs >= beforeMs || !keys.IsOfRecord(entry.Mac, entry.Parts()) || !link.Holds(keys, place, entry.Mac)))
            {
                break;
            }

            // One that is not there goes with the first old one behind it, and not by itself.
            place = new AuditHead(link.Seq, link.Hash);
            ids.Add(link.AuditId);
            (last, removed) = entry is null ? (last, removed) : (place, ids.Count);
        }

        if (last is null)
        {
            return 0;
        }

        var upTo = last.Seq;
        ids.RemoveRange(removed, ids.Count - removed);
        await db.Audit.Where(a => ids.Contains(a.AuditId)).ExecuteDeleteAsync(cancellationToken);
        await db.AuditSeals.Where(s => s.Seq <= upTo).ExecuteDeleteAsync(cancellationToken);
        await AuditAnchors.SetAsync(db, AuditAnchor.Of(keys, AuditAnchor.Start, last), cancellationToken);
        return removed;
    }
}

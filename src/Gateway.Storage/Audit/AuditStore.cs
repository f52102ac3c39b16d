using Gateway.Jobs;
using Gateway.Jobs.Audit;
using Gateway.SagaPersistence.Writing;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Audit;

/// <summary>The chain over the records, and what is asked of both.</summary>
internal sealed class AuditStore(IDbContextFactory<GatewayDb> contexts, IWriteGate gate, AuditKeys keys) : IAuditStore
{
    public Task<bool> HoldAsync(Guid process, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken) => ExplainAsync(async () =>
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await gate.WriteAsync(db, WritePriority.Submit, token => RowLease.TakeAsync(db, LockRow.Audit, process, now, until, token), cancellationToken);
    });

    public Task<IReadOnlyList<long>?> SealAsync(Guid process, long floor, int most, CancellationToken cancellationToken) => ExplainAsync(async () =>
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);

        // Read before the gate: others wait there. Nobody else seals them meanwhile, and if somebody did the row's key would refuse the second link.
        var waiting = await Loose(db, floor).Take(most).Select(a => new { a.AuditId, a.Mac }).ToListAsync(cancellationToken);
        return await gate.WriteAsync(
            db,
            WritePriority.Submit,
            async token =>
            {
                if (!await RowLease.IsHeldAsync(db, LockRow.Audit, process, token))
                {
                    return (IReadOnlyList<long>?)null;
                }

                var place = AuditEnds.PlaceOf(await AnchorsAsync(db, token), AuditAnchor.Head, keys);
                foreach (var record in waiting)
                {
                    var link = AuditLink.Of(keys, place, record.AuditId, record.Mac);
                    db.AuditSeals.Add(new AuditSealRow { Seq = link.Seq, AuditId = link.AuditId, KeyId = link.KeyId, Hash = link.Hash });
                    place = new AuditHead(link.Seq, link.Hash);
                }

                await AuditAnchors.SetAsync(db, AuditAnchor.Of(keys, AuditAnchor.Head, place), token);
                return waiting.ConvertAll(record => record.AuditId);
            },
            cancellationToken);
    });

    public Task<IReadOnlyList<AuditAnchor>> ReadAnchorsAsync(CancellationToken cancellationToken) => ReadAsync(db => AnchorsAsync(db, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<(AuditLink Link, AuditEntry? Entry)>> ReadChainAsync(long after, int most, CancellationToken cancellationToken) =>
        ReadAsync(db => AuditChain.ReadAsync(db, after, most, cancellationToken), cancellationToken);

    public Task<long> ReadSealedUpToAsync(CancellationToken cancellationToken) =>
        ReadAsync(async db => await db.AuditSeals.MaxAsync(s => (long?)s.AuditId, cancellationToken) ?? 0, cancellationToken);

    public Task<IReadOnlyList<AuditEntry>> ReadLooseAsync(long after, int most, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<AuditEntry>>(
        async db => [.. (await Loose(db, after).Take(most).ToListAsync(cancellationToken)).Select(row => AuditRows.EntryOf(row, null))], cancellationToken);

    public Task<IReadOnlyList<long>> FindCopiesAsync(long after, int most, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<long>>(
        async db => await db.Audit.Where(a => a.AuditId > after && a.Mac != "").GroupBy(a => a.Mac).Where(g => g.Count() > 1)
            .Select(g => g.Max(a => a.AuditId)).OrderBy(id => id).Take(most).ToListAsync(cancellationToken),
        cancellationToken);

    public Task<AuditFigures> ReadFiguresAsync(DateTimeOffset now, CancellationToken cancellationToken) => ReadAsync(
        async db =>
        {
            var count = (await AnchorsAsync(db, cancellationToken)).FirstOrDefault(anchor => anchor.Name == AuditAnchor.Head)?.Place.Seq ?? 0;
            var last = await db.AuditSeals.MaxAsync(s => (long?)s.AuditId, cancellationToken) ?? 0;
            var waiting = db.Audit.Where(a => a.AuditId > last);
            var oldest = await waiting.MinAsync(a => (long?)a.AtMs, cancellationToken);
            return new AuditFigures(count, await waiting.LongCountAsync(cancellationToken), oldest is { } at ? Math.Max(0, now.ToUnixTimeMilliseconds() - at) / 1000.0 : 0);
        },
        cancellationToken);

    public Task<IReadOnlyList<AuditEntry>> ListAsync(AuditFilter filter, CancellationToken cancellationToken) =>
        ReadAsync(db => AuditChain.ListAsync(db, filter, cancellationToken), cancellationToken);

    private static IQueryable<AuditRow> Loose(GatewayDb db, long after) =>
        db.Audit.AsNoTracking().Where(a => a.AuditId > after && !db.AuditSeals.Any(s => s.AuditId == a.AuditId)).OrderBy(a => a.AuditId);

    private static async Task<IReadOnlyList<AuditAnchor>> AnchorsAsync(GatewayDb db, CancellationToken cancellationToken) =>
        [.. (await db.AuditAnchors.AsNoTracking().ToListAsync(cancellationToken)).Select(row => new AuditAnchor(row.Name, new AuditHead(row.Seq, row.Hash), row.Mac))];

    private Task<T> ReadAsync<T>(Func<GatewayDb, Task<T>> read, CancellationToken cancellationToken) => ExplainAsync(async () =>
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await read(db);
    });

    private static async Task<T> ExplainAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception problem) when (StoreFaults.IsStoreFault(problem))
        {
            throw new StoreUnavailableException("The audit log could not be used.", problem);
        }
    }
}

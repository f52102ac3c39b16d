using Gateway.Jobs.Audit;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Retention;
using Gateway.SagaPersistence.Outbox;
using Gateway.SagaPersistence.Writing;
using Gateway.Storage.Audit;
using Gateway.Storage.Model;
using Gateway.Storage.Sessions;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Retention;

/// <summary>
/// Removes rows that are kept long enough. Each batch is one transaction behind the gate, under a row's lock: processes that
/// sweep at once follow each other, and each finds only what is left.
/// </summary>
internal sealed class RetentionStore(IDbContextFactory<GatewayDb> contexts, IWriteGate gate, StorageProvider provider, AuditKeys keys) : IRetentionStore
{
    public Task<PurgedBatch> PurgeKeysAsync(DateTimeOffset now, int most, CancellationToken cancellationToken) => WriteAsync(
        async (db, token) =>
        {
            var nowMs = now.ToUnixTimeMilliseconds();
            var keys = await db.IdempotencyKeys.AsNoTracking()
                .Where(k => k.ExpiresAtMs <= nowMs && !db.Jobs.Any(j => j.CorrelationId == k.JobId && j.FinishedAtMs == null))
                .OrderBy(k => k.ExpiresAtMs)
                .Select(k => new { k.JobId, k.ExpiresAtMs })
                .Take(most)
                .ToListAsync(token);
            if (keys.Count == 0)
            {
                return default;
            }

            // A range of the index; what else a job has in it is over as well.
            var (ids, last) = (keys.ConvertAll(k => k.JobId), keys[^1].ExpiresAtMs);
            await db.IdempotencyKeys.Where(k => k.ExpiresAtMs <= last && ids.Contains(k.JobId)).ExecuteDeleteAsync(token);
            return new PurgedBatch(keys.Count, keys.Count == most);
        },
        cancellationToken);

    public Task<PurgedBatch> PurgeEqualCallsAsync(DateTimeOffset now, int most, CancellationToken cancellationToken) => WriteAsync(
        async (db, token) =>
        {
            var nowMs = now.ToUnixTimeMilliseconds();
            var times = await db.EqualCalls.Where(e => e.ExpiresAtMs <= nowMs).OrderBy(e => e.ExpiresAtMs).Select(e => e.ExpiresAtMs).Take(most).ToListAsync(token);
            if (times.Count == 0)
            {
                return default;
            }

            var last = times[^1];
            return new PurgedBatch(await db.EqualCalls.Where(e => e.ExpiresAtMs <= last).ExecuteDeleteAsync(token), times.Count == most);
        },
        cancellationToken);

    public Task<PurgedBatch> PurgeContentAsync(DateTimeOffset endedBefore, int most, CancellationToken cancellationToken) => WriteAsync(
        async (db, token) =>
        {
            var leaving = await Ended(db, JobContent.Leaving).Take(most).ToListAsync(token);
            if (leaving.Count < most)
            {
                leaving.AddRange(await MarkAsync(db, endedBefore.ToUnixTimeMilliseconds(), most - leaving.Count, token));
            }

            var removal = new ContentRemoval(db);
            var count = 0;
            foreach (var jobId in leaving)
            {
                if (!await removal.TryFinishAsync(jobId, token))
                {
                    break;
                }

                count++;
            }

            return new PurgedBatch(count, count < leaving.Count || leaving.Count == most);
        },
        cancellationToken);

    public Task<PurgedBatch> PurgeJobsAsync(DateTimeOffset endedBefore, int most, CancellationToken cancellationToken) => WriteAsync(
        async (db, token) =>
        {
            var before = endedBefore.ToUnixTimeMilliseconds();
            var ids = await db.Jobs
                .Where(j => j.Content == JobContent.Gone && j.FinishedAtMs < before)
                .Where(j => !db.IdempotencyKeys.Any(k => k.JobId == j.CorrelationId))
                .Where(j => !db.Sessions.Any(s => s.HeadJobId == j.CorrelationId))
                .OrderBy(j => j.FinishedAtMs)
                .Select(j => j.CorrelationId)
                .Take(most)
                .ToListAsync(token);
            if (!await RemoveRestAsync(db, ids, token))
            {
                return new PurgedBatch(0, true);
            }

            if (ids.Count > 0)
            {
                await db.OtherNames.Where(n => ids.Contains(n.JobId)).ExecuteDeleteAsync(token);
                await db.Attempts.Where(a => ids.Contains(a.JobId)).ExecuteDeleteAsync(token);
                await db.Outputs.Where(o => ids.Contains(o.JobId)).ExecuteDeleteAsync(token);
                await db.Progress.Where(p => ids.Contains(p.JobId)).ExecuteDeleteAsync(token);
                await db.Approvals.Where(a => a.JobId != null && ids.Contains(a.JobId.Value)).ExecuteDeleteAsync(token);
                await db.Jobs.Where(j => ids.Contains(j.CorrelationId)).ExecuteDeleteAsync(token);
            }

            return new PurgedBatch(ids.Count, ids.Count == most);
        },
        cancellationToken);

    public Task<PurgedBatch> PurgeSessionsAsync(DateTimeOffset usedBefore, int most, CancellationToken cancellationToken) => WriteAsync(
        async (db, token) =>
        {
            var removal = new SessionRemoval(db);
            var begun = await removal.BeginOldAsync(usedBefore.ToUnixTimeMilliseconds(), most, token);
            var leaving = await removal.LeavingAsync(most, token);
            var count = 0;
            foreach (var session in leaving)
            {
                if (!await removal.TryFinishAsync(session, token))
                {
                    break;
                }

                count++;
            }

            return new PurgedBatch(count, begun == most || count < leaving.Count || leaving.Count == most);
        },
        cancellationToken);

    public Task<PurgedBatch> PurgeApprovalsAsync(DateTimeOffset expiredBefore, int most, CancellationToken cancellationToken) => WriteAsync(
        async (db, token) =>
        {
            var before = expiredBefore.ToUnixTimeMilliseconds();
            var ids = await db.Approvals.Where(a => a.JobId == null && a.ExpiresAtMs < before).OrderBy(a => a.ExpiresAtMs).Select(a => a.ApprovalId).Take(most).ToListAsync(token);
            if (ids.Count > 0)
            {
                await db.Approvals.Where(a => ids.Contains(a.ApprovalId)).ExecuteDeleteAsync(token);
            }

            return new PurgedBatch(ids.Count, ids.Count == most);
        },
        cancellationToken);

    public Task<PurgedBatch> PurgeDeadMessagesAsync(DateTimeOffset dueBefore, int most, CancellationToken cancellationToken) => WriteAsync(
        async (db, token) =>
        {
            var before = dueBefore.ToUnixTimeMilliseconds();
            var outbox = db.Set<OutboxRow>();
            var rows = await outbox.Where(r => r.DeadReason != null && r.DueMs < before).OrderBy(r => r.Seq).Select(r => r.Seq).Take(most).ToListAsync(token);
            if (rows.Count > 0)
            {
                await outbox.Where(r => rows.Contains(r.Seq) && r.DeadReason != null).ExecuteDeleteAsync(token);
            }

            return new PurgedBatch(rows.Count, rows.Count == most);
        },
        cancellationToken);

    public Task<PurgedBatch> PurgeCountersAsync(DateTimeOffset endedBefore, int most, CancellationToken cancellationToken) => WriteAsync(
        async (db, token) =>
        {
            var before = endedBefore.ToUnixTimeMilliseconds();
            var keys = await db.Counters
                .Where(c => c.WindowEndMs < before && !db.Reservations.Any(r => r.CounterKey == c.Key))
                .OrderBy(c => c.WindowEndMs)
                .Select(c => c.Key)
                .Take(most)
                .ToListAsync(token);
            if (keys.Count > 0)
            {
                await db.Counters.Where(c => keys.Contains(c.Key)).ExecuteDeleteAsync(token);
            }

            return new PurgedBatch(keys.Count, keys.Count == most);
        },
        cancellationToken);

    public Task<PurgedBatch> PurgeAuditAsync(DateTimeOffset before, int most, CancellationToken cancellationToken) => WriteAsync(
        async (db, token) =>
        {
            var count = await AuditRemoval.RemoveAsync(db, keys, before.ToUnixTimeMilliseconds(), most, token);
            return new PurgedBatch(count, count == most);
        },
        cancellationToken);

    public async Task<bool> ReclaimAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await provider.ReclaimAsync(db, gate, cancellationToken);
    }

    private static async Task<bool> RemoveRestAsync(GatewayDb db, IReadOnlyList<Guid> jobs, CancellationToken cancellationToken)
    {
        var removal = new ContentRemoval(db);
        foreach (var jobId in jobs)
        {
            if (!await removal.TryRemoveRestAsync(jobId, cancellationToken))
            {
                return false;
            }
        }

        return true;
    }

    private static IQueryable<Guid> Ended(GatewayDb db, JobContent content, long before = long.MaxValue) => db.Jobs
        .Where(j => j.Content == content && j.FinishedAtMs < before)
        .OrderBy(j => j.FinishedAtMs)
        .Select(j => j.CorrelationId);

    // In this commit the job says that its content is gone; what is still to be removed is shown to nobody.
    private static async Task<List<Guid>> MarkAsync(GatewayDb db, long before, int most, CancellationToken cancellationToken)
    {
        var ids = await Ended(db, JobContent.Kept, before).Take(most).ToListAsync(cancellationToken);
        if (ids.Count > 0)
        {
            await db.Jobs.Where(j => ids.Contains(j.CorrelationId) && j.Content == JobContent.Kept).ExecuteUpdateAsync(
                set => set.SetProperty(j => j.Content, JobContent.Leaving).SetProperty(j => j.PromptPreview, ""),
                cancellationToken);
            await db.Approvals.Where(a => a.JobId != null && ids.Contains(a.JobId.Value)).ExecuteUpdateAsync(set => set.SetProperty(a => a.PromptPreview, (string?)null), cancellationToken);
        }

        return ids;
    }

    private async Task<PurgedBatch> WriteAsync(Func<GatewayDb, CancellationToken, Task<PurgedBatch>> work, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await gate.WriteAsync(
            db,
            WritePriority.Submit,
            async token =>
            {
                await db.Locks.Where(l => l.Name == LockRow.Retention).ExecuteUpdateAsync(set => set.SetProperty(l => l.Taken, l => l.Taken + 1), token);
                return await work(db, token);
            },
            cancellationToken);
    }
}

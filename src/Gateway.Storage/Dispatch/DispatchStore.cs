using Gateway.Contracts.Commands;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Lifecycle;
using Gateway.SagaPersistence.Outbox;
using Gateway.SagaPersistence.Writing;
using Gateway.Storage.Approvals;
using Gateway.Storage.Audit;
using Gateway.Storage.Model;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Storage.Dispatch;

/// <summary>
/// Waiting jobs as rows. Everything is asked of one index in its order, so no question looks at all who wait; every
/// release is a conditional update, so a job that moved meanwhile is left where it is.
/// </summary>
internal sealed class DispatchStore(IServiceScopeFactory scopes, IDbContextFactory<GatewayDb> contexts, IWriteGate gate) : IDispatchStore
{
    private const int UnclaimedBatch = 100;
    private const int MostTenants = 1_000;
    private static readonly int[] Priorities = [1, 0, -1];

    public async Task<DispatchLoad> ReadLoadAsync(DateTimeOffset heardAfter, DateTimeOffset releasedBefore, CancellationToken cancellationToken)
    {
        var (heardMs, releasedMs) = (heardAfter.ToUnixTimeMilliseconds(), releasedBefore.ToUnixTimeMilliseconds());
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var workers = await db.Workers.AsNoTracking().Where(w => w.LastHeartbeatAtMs > heardMs).ToListAsync(cancellationToken);
        var held = await db.Leases.Where(l => !l.Lost).GroupBy(l => l.WorkerId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, cancellationToken);
        var running = await db.Jobs.Where(j => j.CurrentState == nameof(JobLifecycle.Running) || j.CurrentState == nameof(JobLifecycle.Canceling))
            .GroupBy(j => new { j.Pool, j.Tenant }).Select(g => new { g.Key.Pool, g.Key.Tenant, Count = g.Count() }).ToListAsync(cancellationToken);
        var released = await db.Jobs.Where(j => j.ReleasedAtMs > 0)
            .GroupBy(j => new { j.Pool, j.Tenant, Waits = j.CurrentState == nameof(JobLifecycle.Queued), Old = j.ReleasedAtMs <= releasedMs })
            .Select(g => new { g.Key.Pool, g.Key.Tenant, g.Key.Waits, g.Key.Old, Count = g.Count() }).ToListAsync(cancellationToken);
        return new DispatchLoad(
            [.. workers.GroupBy(w => w.Pool, StringComparer.Ordinal).Select(g => new PoolSlots(g.Key, g.Sum(w => w.Slots), g.Sum(w => held.GetValueOrDefault(w.WorkerId))))],
            [
                .. running.Select(r => new TenantLoad(r.Pool, r.Tenant, r.Count, 0)),
                // The command of a canceled job takes a slot for a moment at most: after a minute it was lost.
                .. released.Where(r => r.Waits || !r.Old).Select(r => new TenantLoad(r.Pool, r.Tenant, 0, r.Count)),
            ],
            held.Values.Sum(),
            released.Any(r => r is { Waits: true, Old: true }));
    }

    public async Task<IReadOnlyList<WaitingJob>> ReadWaitingAsync(string pool, DateTimeOffset now, int mostOfTenant, CancellationToken cancellationToken)
    {
        var nowMs = now.ToUnixTimeMilliseconds();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        List<WaitingJob> waiting = [];
        foreach (var priority in Priorities)
        {
            var line = db.Jobs.AsNoTracking().Where(
                j => j.CurrentState == nameof(JobLifecycle.Queued) && j.Pool == pool && j.ReleasedAtMs == null && j.Priority == priority);
            foreach (var tenant in await ReadTenantsAsync(line, cancellationToken))
            {
                waiting.AddRange(await CommandsOf(line.Where(j => j.Tenant == tenant && j.DueAtMs <= nowMs), mostOfTenant, cancellationToken));
            }
        }

        return waiting;
    }

    public async Task<IReadOnlyList<WaitingJob>> ReadUnclaimedAsync(string pool, DateTimeOffset releasedBefore, CancellationToken cancellationToken)
    {
        var beforeMs = releasedBefore.ToUnixTimeMilliseconds();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var unclaimed = await CommandsOf(
            db.Jobs.AsNoTracking().Where(j => j.ReleasedAtMs <= beforeMs && j.CurrentState == nameof(JobLifecycle.Queued) && j.Pool == pool), UnclaimedBatch, cancellationToken);
        var ids = unclaimed.ConvertAll(j => (Guid?)j.JobId);
        var underWay = await db.Set<OutboxRow>()
            .Where(row => row.DeadReason == null && !row.Published && ids.Contains(row.CorrelationId))
            .Select(row => row.CorrelationId)
            .ToListAsync(cancellationToken);
        return unclaimed.FindAll(j => !underWay.Contains(j.JobId));
    }

    public async Task<IReadOnlyDictionary<Guid, JudgedCall>> ReadCallsAsync(IReadOnlyList<Guid> jobIds, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await StoredCalls.ReadJudgedAsync(db, jobIds, cancellationToken);
    }

    public async Task<bool> HoldAsync(Guid process, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var (nowMs, untilMs) = (now.ToUnixTimeMilliseconds(), until.ToUnixTimeMilliseconds());
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await gate.WriteAsync(
            db,
            WritePriority.Completion,
            token => db.Locks.Where(l => l.Name == LockRow.Dispatch && (l.Holder == process || l.UntilMs <= nowMs))
                .ExecuteUpdateAsync(set => set.SetProperty(l => l.Holder, process).SetProperty(l => l.UntilMs, untilMs).SetProperty(l => l.Taken, l => l.Taken + 1), token),
            cancellationToken) == 1;
    }

    public async Task<int> ReleaseAsync(Guid process, DateTimeOffset now, IReadOnlyList<WaitingJob> jobs, DateTimeOffset? releasedBefore, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<GatewayDb>();
        var sender = scope.ServiceProvider.GetRequiredService<ISendEndpointProvider>();
        var (nowMs, beforeMs) = (now.ToUnixTimeMilliseconds(), releasedBefore?.ToUnixTimeMilliseconds());
        return await gate.WriteAsync(db, WritePriority.Completion, token => MarkAsync(db, sender, process, nowMs, jobs, beforeMs, token), cancellationToken);
    }

    private static async Task<int> MarkAsync(
        GatewayDb db, ISendEndpointProvider sender, Guid process, long nowMs, IReadOnlyList<WaitingJob> jobs, long? beforeMs, CancellationToken cancellationToken)
    {
        // Under the row's lock: a process that was slow, and replaced, releases nothing.
        if (await db.Locks.Where(l => l.Name == LockRow.Dispatch && l.Holder == process)
            .ExecuteUpdateAsync(set => set.SetProperty(l => l.Taken, l => l.Taken + 1), cancellationToken) == 0)
        {
            return 0;
        }

        var count = 0;
        foreach (var job in jobs)
        {
            var attempt = job.Command.Attempt - 1;
            var marked = await db.Jobs
                .Where(j => j.CorrelationId == job.JobId && j.CurrentState == nameof(JobLifecycle.Queued) && j.Attempt == attempt
                    && (beforeMs == null ? j.ReleasedAtMs == null : j.ReleasedAtMs <= beforeMs))
                .ExecuteUpdateAsync(set => set.SetProperty(j => j.ReleasedAtMs, nowMs), cancellationToken);
            if (marked == 1)
            {
                await sender.ReleaseAsync(job, cancellationToken);
                if (job.Finding is { } finding)
                {
                    db.Audit.Add(AuditRows.Of(finding.Record, DateTimeOffset.FromUnixTimeMilliseconds(nowMs)));
                }

                count++;
            }
        }

        return count;
    }

    // From one tenant to the next along the index, not over all their jobs.
    private static async Task<List<string>> ReadTenantsAsync(IQueryable<Job> line, CancellationToken cancellationToken)
    {
        List<string> tenants = [];
        var next = await line.OrderBy(j => j.Tenant).Select(j => j.Tenant).FirstOrDefaultAsync(cancellationToken);
        while (next is not null && tenants.Count < MostTenants)
        {
            tenants.Add(next);
            var last = next;
            next = await line.Where(j => string.Compare(j.Tenant, last) > 0).OrderBy(j => j.Tenant).Select(j => j.Tenant).FirstOrDefaultAsync(cancellationToken);
        }

        return tenants;
    }

    private static async Task<List<WaitingJob>> CommandsOf(IQueryable<Job> jobs, int most, CancellationToken cancellationToken)
    {
        var rows = await jobs.OrderBy(j => j.DueAtMs).Take(most)
            .Select(j => new { j.CorrelationId, j.Tenant, j.Priority, j.DueAtMs, j.Attempt, j.Cli, j.Pool, j.TraceParent, j.Grant, j.GrantLabel, j.PolicyHash })
            .ToListAsync(cancellationToken);
        return rows.ConvertAll(row => new WaitingJob(
            row.CorrelationId,
            row.Tenant,
            row.Priority,
            row.DueAtMs,
            new RunClaudeRequest { JobId = row.CorrelationId, Attempt = row.Attempt + 1, Provider = row.Cli, Pool = row.Pool, Tenant = row.Tenant, TraceParent = row.TraceParent })
        {
            Grant = new StoredGrant(row.GrantLabel, row.Tenant, row.Grant),
            PolicyHash = row.PolicyHash,
        });
    }
}

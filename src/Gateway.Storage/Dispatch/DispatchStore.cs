using Gateway.Jobs.Approvals;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Lifecycle;
using Gateway.SagaPersistence.Outbox;
using Gateway.SagaPersistence.Writing;
using Gateway.Storage.Approvals;
using Gateway.Storage.Audit;
using Gateway.Storage.Model;
using Gateway.Storage.Parking;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Storage.Dispatch;

/// <summary>
/// Waiting jobs as rows. Everything is asked of one index in its order, so no question looks at all who wait; every
/// release is a conditional update, so a job that moved meanwhile is left where it is.
/// </summary>
internal sealed class DispatchStore(IServiceScopeFactory scopes, IDbContextFactory<GatewayDb> contexts, IWriteGate gate, StorageProvider provider, CapsInForce caps) : IDispatchStore
{
    private const int UnclaimedBatch = 100;
    private static readonly int[] Priorities = [1, 0, -1];

    public async Task<DispatchLoad> ReadLoadAsync(DateTimeOffset heardAfter, DateTimeOffset releasedBefore, CancellationToken cancellationToken)
    {
        var (heardMs, releasedMs) = (heardAfter.ToUnixTimeMilliseconds(), releasedBefore.ToUnixTimeMilliseconds());
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        // In this order a job that is claimed meanwhile takes two slots for this look; in the other one it would take none.
        var (callers, unclaimed) = await CallerLoads.ReadAsync(db, releasedMs, cancellationToken);
        var workers = await db.Workers.Where(w => w.LastHeartbeatAtMs > heardMs).Select(w => new { w.WorkerId, w.Pool, w.Slots }).ToListAsync(cancellationToken);
        var held = await db.Leases.Where(l => !l.Lost).GroupBy(l => l.WorkerId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, cancellationToken);
        return new DispatchLoad(
            [.. workers.GroupBy(w => w.Pool, StringComparer.Ordinal).Select(g => new PoolSlots(g.Key, g.Sum(w => w.Slots), g.Sum(w => held.GetValueOrDefault(w.WorkerId))))],
            callers,
            held.Values.Sum(),
            unclaimed)
        {
            Waiting = await db.Jobs.AnyAsync(j => j.CurrentState == nameof(JobLifecycle.Queued), cancellationToken),
            Gates = await CredentialGates.ReadAsync(db, cancellationToken),
        };
    }

    public async Task<IReadOnlyList<WaitingJob>> ReadWaitingAsync(string pool, DateTimeOffset now, int mostOfTenant, RunningRoom room, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        List<WaitingJob> waiting = [];
        // What a tenant's jobs of one priority leave is what those of the next can have.
        Dictionary<string, RunningRoom> rooms = new(StringComparer.Ordinal);
        foreach (var priority in Priorities)
        {
            var line = new WaitingLine(db, provider, pool, priority, now.ToUnixTimeMilliseconds());
            foreach (var tenant in await line.ReadTenantsAsync(cancellationToken))
            {
                if (!rooms.TryGetValue(tenant, out var left))
                {
                    rooms[tenant] = left = room.Copy();
                }

                waiting.AddRange(await line.ReadAsync(tenant, mostOfTenant, left, cancellationToken));
            }
        }

        return waiting;
    }

    public async Task<IReadOnlyList<WaitingJob>> ReadUnclaimedAsync(string pool, DateTimeOffset releasedBefore, CancellationToken cancellationToken)
    {
        var beforeMs = releasedBefore.ToUnixTimeMilliseconds();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var unclaimed = await WaitingLine.CommandsOf(
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
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await gate.WriteAsync(db, WritePriority.Completion, token => RowLease.TakeAsync(db, LockRow.Dispatch, process, now, until, token), cancellationToken);
    }

    public async Task<int> ReleaseAsync(Guid process, DateTimeOffset now, IReadOnlyList<WaitingJob> jobs, DateTimeOffset? releasedBefore, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<GatewayDb>();
        var sender = scope.ServiceProvider.GetRequiredService<ISendEndpointProvider>();
        var (nowMs, beforeMs) = (now.ToUnixTimeMilliseconds(), releasedBefore?.ToUnixTimeMilliseconds());
        return await gate.WriteAsync(db, WritePriority.Completion, token => MarkAsync(db, sender, caps, process, nowMs, jobs, beforeMs, token), cancellationToken);
    }

    private static async Task<int> MarkAsync(
        GatewayDb db, ISendEndpointProvider sender, CapsInForce caps, Guid process, long nowMs, IReadOnlyList<WaitingJob> jobs, long? beforeMs, CancellationToken cancellationToken)
    {
        if (!await RowLease.IsHeldAsync(db, LockRow.Dispatch, process, cancellationToken))
        {
            return 0;
        }

        // What was read before the lock may be another process's past: under it nobody else releases what a cap counts. What is sent again counts already.
        var gates = beforeMs is null ? await CredentialGates.ReadAsync(db, cancellationToken) : [];
        var isCapped = beforeMs is null && jobs.Any(job => caps.Of(job.Grant, job.Tool).Count > 0);
        var room = isCapped || gates.Count > 0
            ? new RunningRoom(caps, isCapped ? (await CallerLoads.ReadAsync(db, nowMs, cancellationToken)).Callers : [], GateRoom.Of(gates, DateTimeOffset.FromUnixTimeMilliseconds(nowMs)))
            : null;
        var count = 0;
        foreach (var job in jobs.Where(job => room?.Has(job) != false))
        {
            var attempt = job.Command.Attempt - 1;
            var marked = await db.Jobs
                .Where(j => j.CorrelationId == job.JobId && j.CurrentState == nameof(JobLifecycle.Queued) && j.Attempt == attempt
                    && (beforeMs == null ? j.ReleasedAtMs == null : j.ReleasedAtMs <= beforeMs))
                .ExecuteUpdateAsync(set => set.SetProperty(j => j.ReleasedAtMs, nowMs), cancellationToken);
            if (marked == 1)
            {
                await sender.ReleaseAsync(job, cancellationToken);
                if (gates.FirstOrDefault(gate => gate.Pool == job.Command.Pool && gate.Credential == job.Credential) is { } probed)
                {
                    await CredentialGates.ProbeAsync(db, probed, job.JobId, nowMs, cancellationToken);
                }

                if (job.Finding is { } finding)
                {
                    db.Audit.Add(AuditRows.Of(finding.Record, DateTimeOffset.FromUnixTimeMilliseconds(nowMs)));
                }

                room?.Take(job);
                count++;
            }
        }

        return count;
    }
}

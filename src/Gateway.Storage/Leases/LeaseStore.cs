using Gateway.Contracts;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Lifecycle;
using Gateway.SagaPersistence.Writing;
using Gateway.Storage.Model;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Storage.Leases;

/// <summary>The leases as rows; every change of a term is a conditional update, so several sweepers and heartbeats do no harm.</summary>
internal sealed class LeaseStore(IServiceScopeFactory scopes, IDbContextFactory<GatewayDb> contexts, IWriteGate gate, StorageProvider provider) : ILeaseStore
{
    private const int SweepBatch = 200;
    private const int WorkerNameLength = 128;
    private const int PoolLength = 64;

    // A reported loss whose lease is still there was not heard: the report died with a database that could not write.
    private static readonly TimeSpan ReportAgain = TimeSpan.FromMinutes(1);

    public async Task<HeartbeatAnswer> RenewAsync(WorkerHeartbeat heartbeat, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await gate.WriteAsync(db, WritePriority.Completion, token => RenewAsync(db, heartbeat, now, lease, token), cancellationToken);
    }

    public async Task<int> SweepAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var nowMs = now.ToUnixTimeMilliseconds();
        await using (var look = await contexts.CreateDbContextAsync(cancellationToken))
        {
            if (provider.IsServer)
            {
                await look.Locks.Where(l => l.Name == LockRow.Leases).ExecuteUpdateAsync(set => set.SetProperty(l => l.UntilMs, nowMs), cancellationToken);
            }

            // Most sweeps find nothing: they must not make a writer wait.
            if (!await look.Leases.AnyAsync(l => l.UntilMs <= nowMs, cancellationToken))
            {
                return 0;
            }
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<GatewayDb>();
        var sender = scope.ServiceProvider.GetRequiredService<ISendEndpointProvider>();
        return await gate.WriteAsync(db, WritePriority.Completion, token => MarkLostAsync(db, sender, nowMs, token), cancellationToken);
    }

    public async Task<DateTimeOffset?> ReadLastSweepAsync(CancellationToken cancellationToken)
    {
        if (!provider.IsServer)
        {
            return null;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var lastMs = await db.Locks.Where(l => l.Name == LockRow.Leases).Select(l => l.UntilMs).SingleAsync(cancellationToken);
        return lastMs == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(lastMs);
    }

    public async Task ExtendAllAsync(DateTimeOffset until, CancellationToken cancellationToken)
    {
        var untilMs = until.ToUnixTimeMilliseconds();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await gate.WriteAsync(
            db,
            WritePriority.Completion,
            token => db.Leases.Where(l => !l.Lost && l.UntilMs < untilMs)
                .ExecuteUpdateAsync(set => set.SetProperty(l => l.UntilMs, untilMs), token),
            cancellationToken);
    }

    public async Task<IReadOnlyList<Guid>> FindEndedAsync(IReadOnlyList<Guid> jobIds, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var open = await db.Jobs.AsNoTracking()
            .Where(j => jobIds.Contains(j.CorrelationId) && j.FinishedAtMs == null)
            .Select(j => j.CorrelationId)
            .ToListAsync(cancellationToken);
        return [.. jobIds.Except(open)];
    }

    public async Task<IReadOnlyList<Guid>> FindGoneSessionsAsync(IReadOnlyList<Guid> sessionIds, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var there = await db.Sessions.AsNoTracking().Where(s => sessionIds.Contains(s.SessionId)).Select(s => s.SessionId).ToListAsync(cancellationToken);
        var open = await db.Jobs.AsNoTracking().Where(j => sessionIds.Contains(j.SessionId) && j.FinishedAtMs == null).Select(j => j.SessionId).ToListAsync(cancellationToken);
        return [.. sessionIds.Except(there).Except(open)];
    }

    private static async Task<HeartbeatAnswer> RenewAsync(GatewayDb db, WorkerHeartbeat heartbeat, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken)
    {
        var nowMs = now.ToUnixTimeMilliseconds();
        var renewed = await RenewRunsAsync(db, heartbeat, nowMs, (now + lease).ToUnixTimeMilliseconds(), cancellationToken);
        if (heartbeat.Settled)
        {
            // What the worker still has carries its newest epoch by now.
            await Live(db, heartbeat, nowMs).Where(l => l.Epoch < heartbeat.Epoch)
                .ExecuteUpdateAsync(set => set.SetProperty(l => l.UntilMs, nowMs), cancellationToken);
        }

        await KeepWorkerAsync(db, heartbeat, nowMs, cancellationToken);
        return new HeartbeatAnswer
        {
            SentAt = heartbeat.SentAt,
            Lease = lease,
            Renewed = renewed,
            Cancel = await FindCancelingAsync(db, renewed, cancellationToken),
            Fenced = [.. heartbeat.Runs.Except(renewed)],
        };
    }

    /// <summary>What is neither lost nor over, of this worker and no newer process of it.</summary>
    private static IQueryable<LeaseRow> Live(GatewayDb db, WorkerHeartbeat heartbeat, long nowMs) =>
        db.Leases.Where(l => l.WorkerId == heartbeat.WorkerId && l.Epoch <= heartbeat.Epoch && !l.Lost && l.UntilMs > nowMs);

    // The update decides, and what it changed is its own until the commit: so the look afterwards tells exactly what was renewed.
    private static async Task<List<RunKey>> RenewRunsAsync(GatewayDb db, WorkerHeartbeat heartbeat, long nowMs, long untilMs, CancellationToken cancellationToken)
    {
        var held = new HashSet<RunKey>();
        foreach (var sameAttempt in heartbeat.Runs.GroupBy(run => run.Attempt, run => run.JobId))
        {
            var (attempt, ids) = (sameAttempt.Key, sameAttempt.ToList());
            var mine = Live(db, heartbeat, nowMs).Where(l => l.Attempt == attempt && ids.Contains(l.JobId));
            var count = await mine.ExecuteUpdateAsync(set => set.SetProperty(l => l.UntilMs, untilMs).SetProperty(l => l.Epoch, heartbeat.Epoch), cancellationToken);
            var kept = count == ids.Count ? ids : await mine.Where(l => l.UntilMs == untilMs && l.Epoch == heartbeat.Epoch).Select(l => l.JobId).ToListAsync(cancellationToken);
            held.UnionWith(kept.Select(id => new RunKey(id, attempt)));
        }

        return [.. heartbeat.Runs.Where(held.Contains)];
    }

    private static async Task<IReadOnlyList<RunKey>> FindCancelingAsync(GatewayDb db, List<RunKey> runs, CancellationToken cancellationToken)
    {
        if (runs.Count == 0)
        {
            return [];
        }

        var ids = runs.Select(run => run.JobId).ToList();
        var canceling = await db.Jobs.AsNoTracking()
            .Where(j => ids.Contains(j.CorrelationId) && j.CurrentState == nameof(JobLifecycle.Canceling))
            .Select(j => j.CorrelationId)
            .ToListAsync(cancellationToken);
        return [.. runs.Where(run => canceling.Contains(run.JobId))];
    }

    private static async Task KeepWorkerAsync(GatewayDb db, WorkerHeartbeat heartbeat, long nowMs, CancellationToken cancellationToken)
    {
        // A process that was replaced changes nothing: what it says of itself is past. Where only an older row has come up
        // since the update looked, the insert fails on its key and the retry updates it.
        var known = db.Workers.Where(w => w.WorkerId == heartbeat.WorkerId);
        var (name, pool, running) = (StoredText.Fit(heartbeat.WorkerName, WorkerNameLength), StoredText.Fit(heartbeat.Pool, PoolLength), heartbeat.Runs.Count);
        var kept = await known.Where(w => w.Epoch <= heartbeat.Epoch).ExecuteUpdateAsync(
            set => set.SetProperty(w => w.Name, name)
                .SetProperty(w => w.Epoch, heartbeat.Epoch)
                .SetProperty(w => w.Pool, pool)
                .SetProperty(w => w.Slots, heartbeat.Slots)
                .SetProperty(w => w.Running, running)
                .SetProperty(w => w.LastHeartbeatAtMs, nowMs),
            cancellationToken);
        if (heartbeat.Clis is { } clis)
        {
            var json = CliReports.Write(clis);
            await known.Where(w => w.Epoch <= heartbeat.Epoch).ExecuteUpdateAsync(set => set.SetProperty(w => w.ClisJson, json), cancellationToken);
        }

        if (heartbeat.Workspaces is { } workspaces)
        {
            var json = WorkspaceReports.Write(workspaces);
            await known.Where(w => w.Epoch <= heartbeat.Epoch).ExecuteUpdateAsync(set => set.SetProperty(w => w.WorkspacesJson, json), cancellationToken);
        }

        if (kept == 0 && !await known.AnyAsync(w => w.Epoch > heartbeat.Epoch, cancellationToken))
        {
            db.Workers.Add(new WorkerRow
            {
                WorkerId = heartbeat.WorkerId,
                Name = name,
                Epoch = heartbeat.Epoch,
                Pool = pool,
                Slots = heartbeat.Slots,
                Running = running,
                LastHeartbeatAtMs = nowMs,
                ClisJson = heartbeat.Clis is null ? null : CliReports.Write(heartbeat.Clis),
                WorkspacesJson = heartbeat.Workspaces is null ? null : WorkspaceReports.Write(heartbeat.Workspaces),
            });
        }
    }

    private static async Task<int> MarkLostAsync(GatewayDb db, ISendEndpointProvider sender, long nowMs, CancellationToken cancellationToken)
    {
        var ended = await db.Leases.AsNoTracking().Where(l => l.UntilMs <= nowMs).OrderBy(l => l.UntilMs).Take(SweepBatch).ToListAsync(cancellationToken);
        var endpoint = await sender.GetSendEndpoint(EndpointNames.Address(EndpointNames.JobLifecycle));
        var lost = 0;
        foreach (var lease in ended)
        {
            // Another sweeper may have been faster, or a heartbeat that was on its way; or the attempt has just ended by itself.
            var mine = await db.Leases.Where(l => l.JobId == lease.JobId && l.Attempt == lease.Attempt && l.UntilMs <= nowMs).ExecuteUpdateAsync(
                set => set.SetProperty(l => l.Lost, true).SetProperty(l => l.UntilMs, nowMs + (long)ReportAgain.TotalMilliseconds),
                cancellationToken);
            if (mine == 1)
            {
                await endpoint.Send(new AttemptLost { JobId = lease.JobId, Attempt = lease.Attempt, Cause = "lease" }, cancellationToken);
                lost++;
            }
        }

        return lost;
    }
}

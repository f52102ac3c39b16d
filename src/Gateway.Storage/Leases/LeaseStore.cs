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
internal sealed class LeaseStore(IServiceScopeFactory scopes, IDbContextFactory<GatewayDb> contexts, IWriteGate gate) : ILeaseStore
{
    private const int SweepBatch = 200;

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

    private static async Task<HeartbeatAnswer> RenewAsync(GatewayDb db, WorkerHeartbeat heartbeat, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken)
    {
        var nowMs = now.ToUnixTimeMilliseconds();
        var held = await db.Leases.Where(l => l.WorkerId == heartbeat.WorkerId && !l.Lost && l.UntilMs > nowMs).ToListAsync(cancellationToken);
        var byJob = held.Where(l => l.Epoch <= heartbeat.Epoch).ToDictionary(l => new RunKey(l.JobId, l.Attempt));
        var renewed = heartbeat.Runs.Where(byJob.ContainsKey).ToList();
        foreach (var run in renewed)
        {
            byJob[run].UntilMs = (now + lease).ToUnixTimeMilliseconds();
            byJob[run].Epoch = heartbeat.Epoch;
        }

        if (heartbeat.Settled)
        {
            foreach (var gone in byJob.Values.Where(l => l.Epoch < heartbeat.Epoch))
            {
                gone.UntilMs = nowMs;
            }
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
        var worker = await db.Workers.FirstOrDefaultAsync(w => w.WorkerId == heartbeat.WorkerId, cancellationToken);
        if (worker is null)
        {
            worker = new WorkerRow { WorkerId = heartbeat.WorkerId };
            db.Workers.Add(worker);
        }

        if (heartbeat.Epoch < worker.Epoch)
        {
            // A process that was replaced: what it says of itself is past.
            return;
        }

        worker.Name = heartbeat.WorkerName;
        worker.Epoch = heartbeat.Epoch;
        worker.Slots = heartbeat.Slots;
        worker.Running = heartbeat.Runs.Count;
        worker.LastHeartbeatAtMs = nowMs;
    }

    private static async Task<int> MarkLostAsync(GatewayDb db, ISendEndpointProvider sender, long nowMs, CancellationToken cancellationToken)
    {
        var ended = await db.Leases.Where(l => l.UntilMs <= nowMs).OrderBy(l => l.UntilMs).Take(SweepBatch).ToListAsync(cancellationToken);
        var endpoint = await sender.GetSendEndpoint(EndpointNames.Address(EndpointNames.JobLifecycle));
        foreach (var lease in ended)
        {
            lease.Lost = true;
            lease.UntilMs = nowMs + (long)ReportAgain.TotalMilliseconds;
            await endpoint.Send(new AttemptLost { JobId = lease.JobId, Attempt = lease.Attempt, Cause = "lease" }, cancellationToken);
        }

        return ended.Count;
    }
}

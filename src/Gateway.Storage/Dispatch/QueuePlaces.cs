using Gateway.Jobs.Approvals;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Reading;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Dispatch;

/// <summary>Where a queued job stands.</summary>
internal sealed class QueuePlaces(QueueShapes shapes)
{
    // So many counts at most for one place: past it those that wait behind caps are counted as if they could go.
    private const int MostHeldBack = 20;

    /// <summary>Its place, and what holds it back besides the jobs before it.</summary>
    public async Task<QueuePlace> FindAsync(GatewayDb db, Job job, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (id, pool, tenant, priority, due) = (job.CorrelationId, job.Pool, job.Tenant, job.Priority, job.DueAtMs);
        if (job.ReleasedAtMs is { } released)
        {
            return new QueuePlace(
                await db.Jobs.CountAsync(
                    j => j.ReleasedAtMs > 0 && j.CurrentState == nameof(JobLifecycle.Queued) && j.Pool == pool
                        && (j.ReleasedAtMs < released || (j.ReleasedAtMs == released && j.CorrelationId < id)),
                    cancellationToken),
                null);
        }

        var shape = await shapes.ReadAsync(db, now, cancellationToken);
        var before = db.Jobs.Where(
            j => j.CurrentState == nameof(JobLifecycle.Queued) && j.Pool == pool && j.ReleasedAtMs == null && j.Priority == priority && j.Tenant == tenant
                && (j.DueAtMs < due || (j.DueAtMs == due && j.CorrelationId < id)));
        var ahead = await before.CountAsync(cancellationToken);
        // Whoever waits behind a cap of their own does not go before others.
        foreach (var (grant, tool) in shape.HeldBackOf(tenant).Where(held => held != (job.Grant, job.Tool)).Take(ahead > 0 ? MostHeldBack : 0))
        {
            ahead -= await before.CountAsync(j => j.Grant == grant && j.Tool == tool, cancellationToken);
        }

        return new QueuePlace(
            shape.CountAhead(pool, tenant, priority, Math.Max(0, ahead)),
            shape.FindFull(new StoredGrant(job.GrantLabel, tenant, job.Grant), job.Tool),
            shape.FindOpening(pool, job.CredentialName, now));
    }
}

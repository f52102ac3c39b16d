using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Lifecycle;
using Gateway.Storage.Parking;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Dispatch;

/// <summary>
/// The newest <see cref="QueueShape"/>: read at most twice a second, however many ask for their place in the queue.
/// </summary>
internal sealed class QueueShapes(CapsInForce caps, TimeProvider clock)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMilliseconds(500);
    private volatile Reading? last;

    /// <summary>Who waits and who runs, as of half a second ago at most.</summary>
    public async Task<QueueShape> ReadAsync(GatewayDb db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (last is { } known && clock.GetElapsedTime(known.Timestamp) < Lifetime)
        {
            return known.Shape;
        }

        var asked = clock.GetTimestamp();
        var nowMs = now.ToUnixTimeMilliseconds();
        var groups = await db.Jobs
            .Where(j => j.CurrentState == nameof(JobLifecycle.Queued) || j.CurrentState == nameof(JobLifecycle.Running) || j.CurrentState == nameof(JobLifecycle.Canceling))
            .Where(j => j.CurrentState != nameof(JobLifecycle.Queued) || j.ReleasedAtMs != null || j.DueAtMs <= nowMs)
            .GroupBy(j => new { j.Pool, j.Tenant, j.Priority, Waits = j.CurrentState == nameof(JobLifecycle.Queued), Released = j.ReleasedAtMs != null })
            .Select(g => new { g.Key.Pool, g.Key.Tenant, g.Key.Priority, g.Key.Waits, g.Key.Released, Count = g.Count() })
            .ToListAsync(cancellationToken);
        var (callers, _) = await CallerLoads.ReadAsync(db, nowMs, cancellationToken);
        QueueShape.Part[] parts = [.. groups.Select(g => new QueueShape.Part(
            g.Pool, g.Tenant, g.Priority, Waiting: g is { Waits: true, Released: false } ? g.Count : 0, InHand: g is { Waits: true, Released: false } ? 0 : g.Count, Released: g is { Waits: true, Released: true } ? g.Count : 0))];
        var shape = new QueueShape(parts, callers, await CredentialGates.ReadAsync(db, cancellationToken), caps);
        last = new Reading(shape, asked);
        return shape;
    }

    private sealed record Reading(QueueShape Shape, long Timestamp);
}

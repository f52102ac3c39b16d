using Gateway.Jobs.Approvals;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Lifecycle;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Dispatch;

/// <summary>Who has what in hand, counted from the jobs' rows: as many rows as there are slots, however many jobs wait.</summary>
internal static class CallerLoads
{
    /// <summary>Counts. In a transaction that keeps others from releasing, no job in hand is missed: at worst one is counted twice.</summary>
    /// <param name="db">The context.</param>
    /// <param name="releasedMs">A command that was released up to then, and is not claimed, is to be sent again.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The callers, and whether a command is to be sent again.</returns>
    public static async Task<(IReadOnlyList<CallerLoad> Callers, bool Unclaimed)> ReadAsync(GatewayDb db, long releasedMs, CancellationToken cancellationToken)
    {
        // First those on their way: a job that is claimed between the two questions is then in both answers, the other way round it would be in none.
        var released = await db.Jobs.Where(j => j.ReleasedAtMs > 0)
            .GroupBy(j => new { j.Pool, j.Tenant, j.Grant, j.GrantLabel, j.Tool, Waits = j.CurrentState == nameof(JobLifecycle.Queued), Old = j.ReleasedAtMs <= releasedMs })
            .Select(g => new { g.Key.Pool, g.Key.Tenant, g.Key.Grant, g.Key.GrantLabel, g.Key.Tool, g.Key.Waits, g.Key.Old, Count = g.Count() }).ToListAsync(cancellationToken);
        var running = await db.Jobs.Where(j => j.CurrentState == nameof(JobLifecycle.Running) || j.CurrentState == nameof(JobLifecycle.Canceling))
            .GroupBy(j => new { j.Pool, j.Tenant, j.Grant, j.GrantLabel, j.Tool })
            .Select(g => new { g.Key.Pool, g.Key.Tenant, g.Key.Grant, g.Key.GrantLabel, g.Key.Tool, Count = g.Count() }).ToListAsync(cancellationToken);
        return (
            [
                .. running.Select(r => new CallerLoad(r.Pool, new StoredGrant(r.GrantLabel, r.Tenant, r.Grant), r.Tool, r.Count, 0, 0)),
                // The command of a canceled job takes a slot for a moment at most: after a minute it was lost.
                .. released.Where(r => r.Waits || !r.Old)
                    .Select(r => new CallerLoad(r.Pool, new StoredGrant(r.GrantLabel, r.Tenant, r.Grant), r.Tool, 0, r.Waits ? r.Count : 0, r.Waits ? 0 : r.Count)),
            ],
            released.Any(r => r is { Waits: true, Old: true }));
    }
}

using Gateway.Jobs;
using Gateway.Jobs.Sessions;
using Gateway.Storage.Model;
using Gateway.Storage.Retention;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Sessions;

/// <summary>
/// Removes sessions in two steps. In the first commit a session loses its owner: from then on it is as unknown as if it had never
/// been. Its transcripts, which may be large, and its row follow in transactions up to a bound.
/// </summary>
/// <param name="db">The context of the transaction.</param>
internal sealed class SessionRemoval(GatewayDb db)
{
    // Job and session are dated by clocks of processes that may differ a little.
    private const long ClocksDifferMs = 3_600_000;
    private readonly ContentRemoval content = new(db);

    /// <summary>Makes whoever else changes these sessions wait until the transaction ends.</summary>
    /// <returns>How many there are.</returns>
    public static Task<int> LockAsync(IQueryable<SessionRow> sessions, CancellationToken cancellationToken) =>
        sessions.ExecuteUpdateAsync(set => set.SetProperty(s => s.LastUsedAtMs, s => s.LastUsedAtMs), cancellationToken);

    /// <summary>Takes a session from its owner, unless a job needs it.</summary>
    public async Task<SessionDeletion> BeginAsync(Caller caller, Guid sessionId, CancellationToken cancellationToken)
    {
        var own = SessionRows.Of(db, caller).Where(s => s.SessionId == sessionId);
        await LockAsync(own, cancellationToken);
        if (await own.AsNoTracking().FirstOrDefaultAsync(cancellationToken) is not { } row)
        {
            return new SessionDeletion.Unknown();
        }

        var open = await db.Jobs
            .Where(j => j.Tenant == caller.Tenant && j.Grant == caller.Grant && j.FinishedAtMs == null)
            .Where(j => j.SessionId == sessionId || db.Requests.Any(r => r.JobId == j.CorrelationId && r.ResumesSessionId == sessionId))
            .OrderBy(j => j.CreatedAtMs)
            .Select(j => (Guid?)j.CorrelationId)
            .FirstOrDefaultAsync(cancellationToken);
        if (open is { } job)
        {
            return new SessionDeletion.InUse(job);
        }

        await TakeAsync(own, cancellationToken);
        return new SessionDeletion.Deleted(row.ToRecord(null));
    }

    /// <summary>Takes all sessions from their owner that no job needs; their ids, and how many stay.</summary>
    public async Task<(IReadOnlyList<Guid> Deleted, int Skipped)> BeginAllAsync(Caller caller, string? cli, CancellationToken cancellationToken)
    {
        var own = SessionRows.Of(db, caller).Where(s => cli == null || s.Cli == cli);
        var all = await LockAsync(own, cancellationToken);
        var free = await own.Where(Not(SessionRows.IsNeeded(db))).Select(s => s.SessionId).ToListAsync(cancellationToken);
        await TakeAsync(own.Where(s => free.Contains(s.SessionId)), cancellationToken);
        return (free, all - free.Count);
    }

    /// <summary>Takes sessions from their owners that were not used for long; how many.</summary>
    public async Task<int> BeginOldAsync(long usedBeforeMs, int most, CancellationToken cancellationToken)
    {
        var old = await db.Sessions
            .Where(s => s.LastUsedAtMs < usedBeforeMs && s.Tenant != SessionRows.Nobody)
            .Where(Not(SessionRows.IsNeeded(db)))
            .OrderBy(s => s.LastUsedAtMs)
            .Select(s => s.SessionId)
            .Take(most)
            .ToListAsync(cancellationToken);
        if (old.Count == 0)
        {
            return 0;
        }

        // Looked at again once nobody else can change them: a job may have been accepted meanwhile.
        var locked = db.Sessions.Where(s => old.Contains(s.SessionId) && s.LastUsedAtMs < usedBeforeMs);
        await LockAsync(locked, cancellationToken);
        var free = await locked.Where(Not(SessionRows.IsNeeded(db))).Select(s => s.SessionId).ToListAsync(cancellationToken);
        await TakeAsync(db.Sessions.Where(s => free.Contains(s.SessionId)), cancellationToken);
        return free.Count;
    }

    /// <summary>Removes what there is room for of a session without an owner; true when nothing is left.</summary>
    public async Task<bool> TryFinishAsync(Guid sessionId, CancellationToken cancellationToken)
    {
        if (await db.Sessions.AsNoTracking().FirstOrDefaultAsync(s => s.SessionId == sessionId && s.Tenant == SessionRows.Nobody, cancellationToken) is not { } row)
        {
            return true;
        }

        foreach (var jobId in await JobsOfAsync(row, cancellationToken))
        {
            if (!await content.TryRemoveTranscriptsAsync(jobId, cancellationToken))
            {
                return false;
            }
        }

        await db.Sessions.Where(s => s.SessionId == sessionId).ExecuteDeleteAsync(cancellationToken);
        return true;
    }

    /// <summary>Sessions without an owner.</summary>
    public Task<List<Guid>> LeavingAsync(int most, CancellationToken cancellationToken) =>
        db.Sessions.Where(s => s.Tenant == SessionRows.Nobody && s.Grant == SessionRows.Nobody).Select(s => s.SessionId).Take(most).ToListAsync(cancellationToken);

    private async Task TakeAsync(IQueryable<SessionRow> sessions, CancellationToken cancellationToken)
    {
        var ids = await sessions.Select(s => s.SessionId).ToListAsync(cancellationToken);
        await db.ActiveSessions.Where(a => ids.Contains(a.SessionId)).ExecuteDeleteAsync(cancellationToken);
        await db.Sessions.Where(s => ids.Contains(s.SessionId)).ExecuteUpdateAsync(
            set => set.SetProperty(s => s.Tenant, SessionRows.Nobody).SetProperty(s => s.Grant, SessionRows.Nobody).SetProperty(s => s.Description, (string?)null),
            cancellationToken);
    }

    // A range of the owner's jobs: there is no index by session, for which each submit would pay. The newest job knows the owner still,
    // or the one that the conversation went on from; where both are forgotten, retention has nothing left of the others either.
    private async Task<List<Guid>> JobsOfAsync(SessionRow row, CancellationToken cancellationToken)
    {
        var owner = await db.Jobs.Where(j => j.CorrelationId == row.LastJobId || j.CorrelationId == row.HeadJobId).Select(j => new { j.Tenant, j.Grant }).FirstOrDefaultAsync(cancellationToken);
        var since = row.CreatedAtMs - ClocksDifferMs;
        return owner is null
            ? []
            : await db.Jobs
                .Where(j => j.Tenant == owner.Tenant && j.Grant == owner.Grant && j.CreatedAtMs >= since && j.SessionId == row.SessionId)
                .Select(j => j.CorrelationId)
                .ToListAsync(cancellationToken);
    }

    private static System.Linq.Expressions.Expression<Func<SessionRow, bool>> Not(System.Linq.Expressions.Expression<Func<SessionRow, bool>> condition) =>
        System.Linq.Expressions.Expression.Lambda<Func<SessionRow, bool>>(System.Linq.Expressions.Expression.Not(condition.Body), condition.Parameters);
}

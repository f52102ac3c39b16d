using Gateway.Contracts.Workspaces;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Reading;
using Gateway.Jobs.Sessions;
using Gateway.Storage.Jobs;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Turns;

/// <summary>
/// One job at a time for each key, the others in order of acceptance. A job takes all of its turns or none, in the transaction that
/// accepts it, and its end passes them on. Whoever waits has rows here and is due at no time, so nothing that looks for work meets it.
/// </summary>
/// <remarks>
/// The row of a turn is the lock: who takes it and who gives it back follow each other. A waiting job is handed a turn by removing its
/// rows, and its end removes them first: of the two one finds nothing, and so no turn is left with a job that has ended.
/// </remarks>
internal static class TurnLines
{
    /// <summary>Takes the turns of a job that is being accepted, or puts it into their lines.</summary>
    /// <param name="db">The context of the transaction.</param>
    /// <param name="job">The job, about to be stored.</param>
    /// <param name="keys">What it needs.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task EnterAsync(GatewayDb db, Job job, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var isReady = job.CurrentState == nameof(JobLifecycle.Queued);
        if (keys.Count == 0 || (isReady && await TryTakeAsync(db, job.CorrelationId, [.. keys.Select(key => new Place(key, long.MaxValue))], null, cancellationToken)))
        {
            return;
        }

        foreach (var key in keys)
        {
            db.TurnWaits.Add(new TurnWaitRow
            {
                Key = key,
                JobId = job.CorrelationId,
                Seq = isReady ? await NextAsync(db, key, cancellationToken) : 0,
                StartMs = job.NotBeforeMs ?? 0,
                IsReady = isReady,
            });
        }

        if (isReady)
        {
            job.DueAtMs = Job.NoTurn;
            await JobEvents.AppendAsync(db, job.CorrelationId, job.Status(), [JobLedger.RowOf(job, LifecycleEvent.WaitsForTurn, job.CreatedAtMs)]);
        }
    }

    /// <summary>Takes the turns of a job to which a person has agreed.</summary>
    /// <returns>False when others have them: it is in their lines now.</returns>
    public static async Task<bool> TakeAsync(GatewayDb db, Guid jobId, CancellationToken cancellationToken)
    {
        var waits = await db.TurnWaits.Where(w => w.JobId == jobId).OrderBy(w => w.Key).ToListAsync(cancellationToken);
        if (waits.Count == 0)
        {
            return true;
        }

        if (await TryTakeAsync(db, jobId, waits.ConvertAll(w => new Place(w.Key, long.MaxValue)), null, cancellationToken))
        {
            db.TurnWaits.RemoveRange(waits);
            return true;
        }

        foreach (var wait in waits)
        {
            wait.IsReady = true;
            wait.Seq = await NextAsync(db, wait.Key, cancellationToken);
        }

        return false;
    }

    /// <summary>The turns of directories that a job has; null for none.</summary>
    public static async Task<IReadOnlyList<string>?> DirectoriesOfAsync(GatewayDb db, Guid jobId, CancellationToken cancellationToken)
    {
        List<string> keys = [.. (await db.Turns.Where(t => t.JobId == jobId).Select(t => t.Key).ToListAsync(cancellationToken)).Where(DirectoryTurnKey.IsOne)];
        return keys.Count == 0 ? null : keys;
    }

    /// <summary>
    /// Takes one more turn for a job that was let go already. Where another has it, this one gives back all of its own and waits for all of them,
    /// before everybody in each of their lines: its own turns would else pass to those who came later, and two jobs could wait for each other.
    /// </summary>
    /// <returns>False when it waits.</returns>
    public static async Task<bool> TakeMoreAsync(GatewayDb db, Guid jobId, string key, CancellationToken cancellationToken)
    {
        var own = await db.Turns.Where(t => t.JobId == jobId).Select(t => t.Key).ToListAsync(cancellationToken);
        if (own.Contains(key) || await TurnStatements.For(db).TakeAsync(db, key, jobId, cancellationToken) == jobId)
        {
            return true;
        }

        await db.Turns.Where(t => t.JobId == jobId).ExecuteDeleteAsync(cancellationToken);
        foreach (var each in own.Append(key))
        {
            var first = await db.TurnWaits.Where(w => w.Key == each).MinAsync(w => (long?)w.Seq, cancellationToken) ?? 1;
            db.TurnWaits.Add(new TurnWaitRow { Key = each, JobId = jobId, Seq = first - 1, IsReady = true });
        }

        return false;
    }

    /// <summary>Gives back what a job has, or waits for, that ends now; who is next then goes.</summary>
    /// <param name="db">The context of the transaction.</param>
    /// <param name="job">The job.</param>
    /// <param name="now">Store clock.</param>
    /// <param name="eventAt">Time of events.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task PassOnAsync(GatewayDb db, Job job, DateTimeOffset now, DateTimeOffset eventAt, CancellationToken cancellationToken)
    {
        var (id, nowMs) = (job.CorrelationId, now.ToUnixTimeMilliseconds());
        if (job.KeepsSession)
        {
            // Whoever is accepted for this conversation waits here, and then finds the job either open or ended.
            await db.Sessions.Where(s => s.SessionId == job.SessionId).ExecuteUpdateAsync(set => set.SetProperty(s => s.LastUsedAtMs, nowMs), cancellationToken);
        }

        SortedSet<string> free = new(StringComparer.Ordinal);
        if (job.TakesTurns)
        {
            free.UnionWith(await db.TurnWaits.Where(w => w.JobId == id).Select(w => w.Key).ToListAsync(cancellationToken));
            await db.TurnWaits.Where(w => w.JobId == id).ExecuteDeleteAsync(cancellationToken);
        }

        // Its conversation may have been begun by it without a turn, which the next job of it then put in its name.
        if ((job.TakesTurns || job.KeepsSession)
            && await db.Turns.Where(t => t.JobId == id).ExecuteUpdateAsync(set => set.SetProperty(t => t.JobId, t => t.JobId), cancellationToken) > 0)
        {
            free.UnionWith(await db.Turns.Where(t => t.JobId == id).Select(t => t.Key).ToListAsync(cancellationToken));
            await db.Turns.Where(t => t.JobId == id).ExecuteDeleteAsync(cancellationToken);
        }

        foreach (var key in free)
        {
            await LetNextGoAsync(db, key, id, nowMs, eventAt.ToUnixTimeMilliseconds(), cancellationToken);
        }
    }

    private static async Task LetNextGoAsync(GatewayDb db, string key, Guid ended, long nowMs, long eventMs, CancellationToken cancellationToken)
    {
        while (await db.TurnWaits.AsNoTracking().Where(w => w.Key == key && w.IsReady).OrderBy(w => w.Seq).FirstOrDefaultAsync(cancellationToken) is { } next)
        {
            var places = await db.TurnWaits.Where(w => w.JobId == next.JobId).OrderBy(w => w.Key).Select(w => new Place(w.Key, w.Seq)).ToListAsync(cancellationToken);
            if (!await TryTakeAsync(db, next.JobId, places, ended, cancellationToken))
            {
                // It waits for another one of its turns; whoever has that lets it go.
                return;
            }

            if (await db.TurnWaits.Where(w => w.JobId == next.JobId).ExecuteDeleteAsync(cancellationToken) > 0)
            {
                await BeginAsync(db, next, nowMs, eventMs, cancellationToken);
                return;
            }

            // It has ended meanwhile, and its end found no turn to give back.
            await db.Turns.Where(t => t.JobId == next.JobId).ExecuteDeleteAsync(cancellationToken);
        }
    }

    private static async Task BeginAsync(GatewayDb db, TurnWaitRow next, long nowMs, long eventMs, CancellationToken cancellationToken)
    {
        var due = Math.Max(next.StartMs, nowMs);
        await db.Jobs.Where(j => j.CorrelationId == next.JobId && j.DueAtMs == Job.NoTurn).ExecuteUpdateAsync(set => set.SetProperty(j => j.DueAtMs, due), cancellationToken);
        var job = await db.Jobs.AsNoTracking().FirstAsync(j => j.CorrelationId == next.JobId, cancellationToken);
        await JobEvents.AppendAsync(db, next.JobId, JobStatus.Queued, [JobLedger.RowOf(job, LifecycleEvent.HasTurn, eventMs)]);
    }

    private static async Task<bool> TryTakeAsync(GatewayDb db, Guid jobId, IReadOnlyList<Place> places, Guid? ended, CancellationToken cancellationToken)
    {
        foreach (var place in places.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            if (await TurnStatements.For(db).TakeAsync(db, place.Key, jobId, cancellationToken) != jobId
                || await db.TurnWaits.AnyAsync(w => w.Key == place.Key && w.IsReady && w.Seq < place.Seq && w.JobId != jobId, cancellationToken)
                || await IsLeftToFirstAsync(db, place.Key, jobId, ended, cancellationToken))
            {
                // All or none: nobody can be waiting for what nobody had.
                await db.Turns.Where(t => t.JobId == jobId).ExecuteDeleteAsync(cancellationToken);
                return false;
            }
        }

        return true;
    }

    // The job that began a conversation took no turn: nobody else could know of it. While it is open the turn is its own. Of one that ends
    // in this transaction the row does not say so yet.
    private static async Task<bool> IsLeftToFirstAsync(GatewayDb db, string key, Guid jobId, Guid? ended, CancellationToken cancellationToken)
    {
        if (TurnKeys.SessionOf(key) is not { } session)
        {
            return false;
        }

        var first = await db.Sessions.Where(s => s.SessionId == session)
            .SelectMany(s => db.Jobs.Where(j => j.Tenant == s.Tenant && j.Grant == s.Grant && j.FinishedAtMs == null && j.SessionId == session && !j.TakesTurns && j.CorrelationId != jobId && j.CorrelationId != ended))
            .Select(j => (Guid?)j.CorrelationId)
            .FirstOrDefaultAsync(cancellationToken);
        return first is { } holder
            && await db.Turns.Where(t => t.Key == key).ExecuteUpdateAsync(set => set.SetProperty(t => t.JobId, holder), cancellationToken) > 0;
    }

    private static async Task<long> NextAsync(GatewayDb db, string key, CancellationToken cancellationToken) =>
        1 + (await db.TurnWaits.Where(w => w.Key == key).MaxAsync(w => (long?)w.Seq, cancellationToken) ?? 0);

    private sealed record Place(string Key, long Seq);
}

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
/// accepts it or, for a turn that it is found to need when it is about to run, in that of its claim; its end passes them on. Whoever waits
/// has rows here and is due at no time, so nothing that looks for work meets it.
/// </summary>
/// <remarks>
/// The row of a turn is the lock: who takes it and who gives it back follow each other, and whoever leaves a line of which nobody has the
/// turn takes it for that moment. A waiting job is handed a turn by removing its rows, and its end removes them first: of the two one finds
/// nothing, and so no turn is left with a job that has ended.
/// A job has the same place in all of its lines (<see cref="TurnWaitRow.Seq"/>), and enters them only where another has a turn of it or stands before it. So
/// the foremost of all who wait always waits for a job that will end: no two wait for each other.
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
        if (keys.Count == 0 || (isReady && await TryTakeAsync(db, job.CorrelationId, Places(keys, long.MaxValue), null, cancellationToken)))
        {
            return;
        }

        Wait(db, job, keys, isReady ? await LastAsync(db, job, keys, cancellationToken) : 0, isReady);
        if (isReady)
        {
            job.DueAtMs = Job.NoTurn;
            await JobEvents.AppendAsync(db, job.CorrelationId, job.Status(), [JobLedger.RowOf(job, LifecycleEvent.WaitsForTurn, job.CreatedAtMs)]);
        }
    }

    /// <summary>Takes the turns of a job to which a person has agreed.</summary>
    /// <returns>False when others have them: it is in their lines now.</returns>
    public static async Task<bool> TakeAsync(GatewayDb db, Job job, CancellationToken cancellationToken)
    {
        var waits = await db.TurnWaits.Where(w => w.JobId == job.CorrelationId).OrderBy(w => w.Key).ToListAsync(cancellationToken);
        if (waits.Count == 0)
        {
            return true;
        }

        var keys = waits.ConvertAll(w => w.Key);
        if (await TryTakeAsync(db, job.CorrelationId, Places(keys, long.MaxValue), null, cancellationToken))
        {
            db.TurnWaits.RemoveRange(waits);
            return true;
        }

        var last = await LastAsync(db, job, keys, cancellationToken);
        foreach (var wait in waits)
        {
            (wait.IsReady, wait.Seq) = (true, last);
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
    /// Takes one more turn for a job that was let go already. Where another has it, or was before it, this one gives back all of its own and
    /// waits for all of them: who waits behind it in a line of its own stays behind it.
    /// </summary>
    /// <returns>False when it waits.</returns>
    public static async Task<bool> TakeMoreAsync(GatewayDb db, Job job, string key, CancellationToken cancellationToken)
    {
        var id = job.CorrelationId;

        // Locked first: whoever enters one of its lines is seen, or comes when this is done.
        await LockOwnAsync(db, id, cancellationToken);
        var own = await db.Turns.Where(t => t.JobId == id).Select(t => t.Key).ToListAsync(cancellationToken);
        if (own.Contains(key))
        {
            return true;
        }

        var behind = await db.TurnWaits.Where(w => own.Contains(w.Key) && w.IsReady).MinAsync(w => (long?)w.Seq, cancellationToken) ?? long.MaxValue;
        var seq = Math.Min(NumberAt(job.CreatedAtMs), behind - 1);
        if (await TryTakeAsync(db, id, Places([key], seq), null, cancellationToken))
        {
            return true;
        }

        // With the try its own ones have been given back.
        Wait(db, job, [.. own, key], seq, isReady: true);
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
            foreach (var key in free)
            {
                // Whoever enters the line at this moment does so because this one stood before it: it is seen here, or sees that it is gone.
                await TurnStatements.For(db).TakeAsync(db, key, id, cancellationToken);
            }
        }

        // Its conversation may have been begun by it without a turn, which the next job of it then put in its name.
        if ((job.TakesTurns || job.KeepsSession) && await LockOwnAsync(db, id, cancellationToken) > 0)
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
        while (await db.TurnWaits.AsNoTracking().Where(w => w.Key == key && w.IsReady).OrderBy(w => w.Seq).ThenBy(w => w.JobId).FirstOrDefaultAsync(cancellationToken) is { } next)
        {
            var places = await db.TurnWaits.Where(w => w.JobId == next.JobId).Select(w => new Place(w.Key, w.Seq)).ToListAsync(cancellationToken);
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

    // All or none: where one is missing, all that the job has is given back. That wakes nobody: whoever waits stands behind it, or waits for more.
    private static async Task<bool> TryTakeAsync(GatewayDb db, Guid jobId, IEnumerable<Place> places, Guid? ended, CancellationToken cancellationToken)
    {
        foreach (var (key, seq) in places.OrderBy(place => place.Key, StringComparer.Ordinal))
        {
            if (await TurnStatements.For(db).TakeAsync(db, key, jobId, cancellationToken) != jobId
                || await db.TurnWaits.AnyAsync(w => w.Key == key && w.IsReady && w.JobId != jobId && (w.Seq < seq || (w.Seq == seq && w.JobId < jobId)), cancellationToken)
                || await IsLeftToFirstAsync(db, key, jobId, ended, cancellationToken))
            {
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

    private static void Wait(GatewayDb db, Job job, IEnumerable<string> keys, long seq, bool isReady) =>
        db.TurnWaits.AddRange(keys.Select(key => new TurnWaitRow { Key = key, JobId = job.CorrelationId, Seq = seq, StartMs = job.NotBeforeMs ?? 0, IsReady = isReady }));

    // Behind all who are in one of the lines, whatever the clocks of the processes say.
    private static async Task<long> LastAsync(GatewayDb db, Job job, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var last = await db.TurnWaits.Where(w => keys.Contains(w.Key)).MaxAsync(w => (long?)w.Seq, cancellationToken) ?? 0;
        return Math.Max(NumberAt(job.QueuedAtMs), last + 1);
    }

    // Room for a thousand who enter in one millisecond.
    private static long NumberAt(long unixMs) => unixMs * 1_000;

    private static Task<int> LockOwnAsync(GatewayDb db, Guid jobId, CancellationToken cancellationToken) =>
        db.Turns.Where(t => t.JobId == jobId).ExecuteUpdateAsync(set => set.SetProperty(t => t.JobId, t => t.JobId), cancellationToken);

    private static IEnumerable<Place> Places(IEnumerable<string> keys, long seq) => keys.Select(key => new Place(key, seq));

    /// <summary>Where a job stands in a line.</summary>
    private sealed record Place(string Key, long Seq);
}

using Gateway.Contracts.Values;
using Gateway.Jobs.Lifecycle;
using Gateway.Storage.Model;
using Gateway.Storage.Sessions;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Retention;

/// <summary>Removes the content of jobs within one transaction, up to a bound: what is left over is for the next one.</summary>
/// <param name="db">The context of the transaction.</param>
internal sealed class ContentRemoval(GatewayDb db)
{
    // 4 MiB of output: with the log, twice that is written before the next writer has its turn.
    private const int MostChunks = 64;

    // An event is small: so many weigh as much as a full piece of output.
    private const int EventsToAChunk = 16;

    private int left = MostChunks;

    /// <summary>Removes what there is room for; true when nothing of the job's content is left.</summary>
    /// <param name="jobId">A job whose content is leaving.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<bool> TryFinishAsync(Guid jobId, CancellationToken cancellationToken)
    {
        if (!await RemoveOutputAsync(await NotNeededAsync(jobId, cancellationToken), cancellationToken) || !await RemoveEventsAsync(jobId, cancellationToken))
        {
            return false;
        }

        await db.Requests.Where(r => r.JobId == jobId).ExecuteDeleteAsync(cancellationToken);
        await db.Attempts.Where(a => a.JobId == jobId).ExecuteUpdateAsync(set => set.SetProperty(a => a.StructuredOutputJson, (string?)null), cancellationToken);
        await db.Progress.Where(p => p.JobId == jobId).ExecuteUpdateAsync(set => set.SetProperty(p => p.Message, ""), cancellationToken);
        await db.Jobs.Where(j => j.CorrelationId == jobId).ExecuteUpdateAsync(set => set.SetProperty(j => j.Content, JobContent.Gone), cancellationToken);
        return true;
    }

    /// <summary>Removes the transcripts of a job for which there is room, but none that a conversation goes on from; true when no other is left.</summary>
    /// <param name="jobId">A job that has ended.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<bool> TryRemoveTranscriptsAsync(Guid jobId, CancellationToken cancellationToken) =>
        await RemoveOutputAsync((await NotNeededAsync(jobId, cancellationToken)).Where(c => c.Stream == OutputStream.Transcript), cancellationToken);

    /// <summary>Removes what conversations had held back of a job whose content is gone; true when nothing is left.</summary>
    /// <param name="jobId">A job from which no conversation goes on.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<bool> TryRemoveRestAsync(Guid jobId, CancellationToken cancellationToken) => RemoveOutputAsync(db.Chunks.Where(c => c.JobId == jobId), cancellationToken);

    // A conversation outlives the content of its jobs: the transcript that its next run goes on from is its own.
    private async Task<IQueryable<ChunkRow>> NotNeededAsync(Guid jobId, CancellationToken cancellationToken)
    {
        var needed = await db.Sessions.Where(s => s.HeadJobId == jobId && s.Tenant != SessionRows.Nobody).Select(s => s.HeadAttempt).Distinct().ToListAsync(cancellationToken);
        var ofJob = db.Chunks.Where(c => c.JobId == jobId);
        return needed.Count == 0 ? ofJob : ofJob.Where(c => c.Stream != OutputStream.Transcript || !needed.Contains(c.Attempt));
    }

    // Ranges of the key: a limited delete over a key of four parts would compare each with each.
    private async Task<bool> RemoveOutputAsync(IQueryable<ChunkRow> ofJob, CancellationToken cancellationToken)
    {
        var inOrder = ofJob.OrderBy(c => c.Attempt).ThenBy(c => c.Stream).ThenBy(c => c.Offset).Select(c => new { c.Attempt, c.Stream });
        while (left > 0)
        {
            if (await inOrder.FirstOrDefaultAsync(cancellationToken) is not { } first)
            {
                return true;
            }

            var stream = ofJob.Where(c => c.Attempt == first.Attempt && c.Stream == first.Stream);
            var offsets = await stream.OrderBy(c => c.Offset).Select(c => c.Offset).Take(left).ToListAsync(cancellationToken);
            var last = offsets[^1];
            left -= await stream.Where(c => c.Offset <= last).ExecuteDeleteAsync(cancellationToken);
        }

        return false;
    }

    private async Task<bool> RemoveEventsAsync(Guid jobId, CancellationToken cancellationToken)
    {
        var ofJob = db.Events.Where(e => e.JobId == jobId);
        var most = left * EventsToAChunk;
        var numbers = await ofJob.OrderBy(e => e.Seq).Select(e => e.Seq).Take(most).ToListAsync(cancellationToken);
        if (numbers.Count > 0)
        {
            var last = numbers[^1];
            var removed = await ofJob.Where(e => e.Seq <= last).ExecuteDeleteAsync(cancellationToken);
            left -= (removed + EventsToAChunk - 1) / EventsToAChunk;
        }

        return numbers.Count < most;
    }
}

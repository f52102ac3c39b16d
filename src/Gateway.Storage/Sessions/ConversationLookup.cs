using System.Text.Json;
using Gateway.Contracts.Values;
using Gateway.Jobs.Lifecycle;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Sessions;

/// <summary>
/// Which stored transcript a run goes on with. Decided from rows that cannot change while the run's attempt is held, so that the
/// grant and each answer to the worker that fetches it name the same.
/// </summary>
internal static class ConversationLookup
{
    /// <summary>Finds it.</summary>
    /// <param name="db">Any context.</param>
    /// <param name="job">The job, with the attempt that is granted.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Null for a new conversation.</returns>
    public static async Task<StoredConversation?> FindAsync(GatewayDb db, Job job, CancellationToken cancellationToken)
    {
        if (job.Attempt == 1 || !await HasRunAsync(db, job, cancellationToken))
        {
            return null;
        }

        var own = await FindOwnAsync(db, job, cancellationToken);
        return new StoredConversation(
            new Conversation
            {
                Source = ConversationSource.OwnAttempt,
                TranscriptBytes = own?.Bytes ?? 0,
                Sha256 = own is null ? null : await HashOfAsync(db, job.CorrelationId, own.Value.Attempt, own.Value.Bytes, cancellationToken),
                Earlier = UsedBy(job),
            },
            job.CorrelationId,
            own?.Attempt ?? 0);
    }

    // The longest: a run that was lost while it still sent what it had been given left less than was there before it.
    private static async Task<(int Attempt, long Bytes)?> FindOwnAsync(GatewayDb db, Job job, CancellationToken cancellationToken)
    {
        var own = await db.Outputs.AsNoTracking()
            .Where(o => o.JobId == job.CorrelationId && o.Attempt < job.Attempt && o.TranscriptBytes > 0)
            .OrderByDescending(o => o.TranscriptBytes)
            .ThenByDescending(o => o.Attempt)
            .Select(o => new { o.Attempt, o.TranscriptBytes })
            .FirstOrDefaultAsync(cancellationToken);
        return own is null ? null : (own.Attempt, own.TranscriptBytes);
    }

    // Where no process of the job ever was, there is no conversation to resume and nothing that could be done twice.
    private static Task<bool> HasRunAsync(GatewayDb db, Job job, CancellationToken cancellationToken) => db.Attempts.AnyAsync(
        a => a.JobId == job.CorrelationId && (a.StartedAtMs != null || a.FailureKind == FailureKinds.WorkerLost), cancellationToken);

    /// <summary>The hash that a worker reported of a whole transcript; null when it reported none of this length.</summary>
    private static async Task<string?> HashOfAsync(GatewayDb db, Guid jobId, int attempt, long bytes, CancellationToken cancellationToken)
    {
        var json = await db.Attempts.AsNoTracking().Where(a => a.JobId == jobId && a.Attempt == attempt).Select(a => a.StreamsJson).FirstOrDefaultAsync(cancellationToken);
        var streams = json is null ? null : JsonSerializer.Deserialize(json, StorageJson.Default.IReadOnlyListStreamSummary);
        return streams?.FirstOrDefault(s => s.Stream == OutputStream.Transcript && s.LengthBytes == bytes)?.Sha256;
    }

    private static RunUsage UsedBy(Job job) => new()
    {
        CostUsd = job.CostUsd,
        InputTokens = job.InputTokens,
        OutputTokens = job.OutputTokens,
        CacheReadTokens = job.CacheReadTokens,
        CacheCreationTokens = job.CacheCreationTokens,
    };
}

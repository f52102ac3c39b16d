using System.Numerics;
using Gateway.Contracts.Values;
using Gateway.Jobs.Lifecycle;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Sessions;

/// <summary>
/// What a job leaves in its session when it ends: the transcript that the next one goes on with, and what it used. In the transaction
/// of the end, which comes once; the session's jobs end one after the other.
/// </summary>
internal static class SessionHeads
{
    // A line of a transcript may be long, but a stream without any is none.
    private const int MostChunksLookedAt = 256;

    /// <summary>Moves the head and adds what was used.</summary>
    /// <param name="db">The context of the transaction.</param>
    /// <param name="job">The job that ends, with all its attempts recorded.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task MoveAsync(GatewayDb db, Job job, CancellationToken cancellationToken)
    {
        if (!job.KeepsSession || job.Attempt == 0)
        {
            return;
        }

        if (await db.Sessions.AsNoTracking().FirstOrDefaultAsync(s => s.SessionId == job.SessionId, cancellationToken) is not { } session)
        {
            return;
        }

        var (attempt, bytes) = await FindHeadAsync(db, job, session.HeadJobId is null ? 0 : session.HeadBytes, cancellationToken);
        var (headJob, headAttempt, headBytes) = bytes > 0 ? (job.CorrelationId, attempt, bytes) : (session.HeadJobId, session.HeadAttempt, session.HeadBytes);
        var (cost, model) = (Sum(session.CostUsd, job.CostUsd, RunUsage.MaxCostUsd), job.Model ?? session.Model);
        var (input, output) = (Sum(session.InputTokens, job.InputTokens, RunUsage.MaxTokens), Sum(session.OutputTokens, job.OutputTokens, RunUsage.MaxTokens));
        var (read, created) = (Sum(session.CacheReadTokens, job.CacheReadTokens, RunUsage.MaxTokens), Sum(session.CacheCreationTokens, job.CacheCreationTokens, RunUsage.MaxTokens));

        // Column by column: a job that is accepted meanwhile counts itself in beside these.
        await db.Sessions.Where(s => s.SessionId == job.SessionId).ExecuteUpdateAsync(
            set => set.SetProperty(s => s.HeadJobId, headJob)
                .SetProperty(s => s.HeadAttempt, headAttempt)
                .SetProperty(s => s.HeadBytes, headBytes)
                .SetProperty(s => s.Model, model)
                .SetProperty(s => s.CostUsd, cost)
                .SetProperty(s => s.InputTokens, input)
                .SetProperty(s => s.OutputTokens, output)
                .SetProperty(s => s.CacheReadTokens, read)
                .SetProperty(s => s.CacheCreationTokens, created),
            cancellationToken);
    }

    /// <summary>Keeps the id that the CLI itself gave the conversation.</summary>
    /// <param name="db">The context of the transaction.</param>
    /// <param name="job">The job.</param>
    /// <param name="result">What its run reported.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task KeepNameAsync(GatewayDb db, Job job, RunResult? result, CancellationToken cancellationToken)
    {
        if (job.KeepsSession && result?.SessionId is { } told && told != job.SessionId)
        {
            var name = told.ToString("d");
            await db.Sessions.Where(s => s.SessionId == job.SessionId && s.ProviderSessionId == null).ExecuteUpdateAsync(set => set.SetProperty(s => s.ProviderSessionId, name), cancellationToken);
        }
    }

    // What the last run reported is whole. Of runs that were lost the one counts that left more than was said before the job.
    private static async Task<(int Attempt, long Bytes)> FindHeadAsync(GatewayDb db, Job job, long before, CancellationToken cancellationToken)
    {
        var outputs = await db.Outputs.AsNoTracking()
            .Where(o => o.JobId == job.CorrelationId && o.TranscriptBytes > 0)
            .Select(o => new { o.Attempt, o.TranscriptBytes })
            .ToListAsync(cancellationToken);
        var isReported = db.Attempts.Local.Any(a => a.JobId == job.CorrelationId && a.Attempt == job.Attempt && a.FailureKind != FailureKinds.WorkerLost);
        var head = outputs.Find(o => isReported && o.Attempt == job.Attempt)
            ?? outputs.Where(o => o.TranscriptBytes > before).OrderByDescending(o => o.TranscriptBytes).ThenByDescending(o => o.Attempt).FirstOrDefault();
        var bytes = head is null ? 0 : await WholeLinesAsync(db, job.CorrelationId, head.Attempt, cancellationToken);
        return head is null || (bytes <= before && !isReported) ? (0, 0) : (head.Attempt, bytes);
    }

    // The next run adds to it line by line, and what it adds is told apart by where it begins.
    private static async Task<long> WholeLinesAsync(GatewayDb db, Guid jobId, int attempt, CancellationToken cancellationToken)
    {
        var chunks = db.Chunks.AsNoTracking()
            .Where(c => c.JobId == jobId && c.Attempt == attempt && c.Stream == OutputStream.Transcript)
            .OrderByDescending(c => c.Offset)
            .Take(MostChunksLookedAt)
            .AsAsyncEnumerable();
        await foreach (var chunk in chunks.WithCancellation(cancellationToken))
        {
            if (chunk.Bytes.AsSpan().LastIndexOf((byte)'\n') is var last and >= 0)
            {
                return chunk.Offset + last + 1;
            }
        }

        return 0;
    }

    private static T? Sum<T>(T? total, T? part, T most)
        where T : struct, INumber<T> => part is { } more ? T.Min(most, (total ?? T.Zero) + more) : total;
}

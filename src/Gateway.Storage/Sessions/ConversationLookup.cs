using System.Text.Json;
using Gateway.Contracts.Values;
using Gateway.Jobs.Lifecycle;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Sessions;

/// <summary>
/// Which stored transcript a run goes on with. Decided from rows that cannot change while the run's attempt is held, so that the
/// grant and each answer to the worker that fetches it name the same: output of earlier attempts is fenced, and a session's head moves
/// when its job ends.
/// </summary>
internal static class ConversationLookup
{
    /// <summary>Finds it.</summary>
    /// <param name="db">Any context.</param>
    /// <param name="job">The job, with the attempt that is granted.</param>
    /// <param name="resumes">The session that the job goes on with or forks; null for a new conversation.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Null for a new conversation.</returns>
    public static async Task<StoredConversation?> FindAsync(GatewayDb db, Job job, Guid? resumes, CancellationToken cancellationToken)
    {
        if (job.Attempt == 1 && resumes is null)
        {
            return null;
        }

        var session = resumes is null ? null : await SessionOfAsync(db, job, resumes.Value, cancellationToken);
        if (await HasRunAsync(db, job, cancellationToken) && await FindOwnAsync(db, job, session, cancellationToken) is { } own)
        {
            return own;
        }

        return session is null ? null : await HeadOfAsync(db, job, session, resumes, cancellationToken);
    }

    // A fork's own session was given the head of the other one when the job was accepted; a job that keeps nothing has no session of its own.
    private static Task<SessionRow?> SessionOfAsync(GatewayDb db, Job job, Guid resumes, CancellationToken cancellationToken)
    {
        var id = job.Forks && job.KeepsSession ? job.SessionId : resumes;
        return db.Sessions.AsNoTracking().FirstOrDefaultAsync(s => s.SessionId == id, cancellationToken);
    }

    // The longest: a run that was lost while it still sent what it had been given left less than was there before it. No longer than the
    // head, it says nothing of what this job did: one that only reads begins at the head again, one that writes may not.
    private static async Task<StoredConversation?> FindOwnAsync(GatewayDb db, Job job, SessionRow? session, CancellationToken cancellationToken)
    {
        var before = session?.HeadJobId is null ? 0 : session.HeadBytes;
        var own = await db.Outputs.AsNoTracking()
            .Where(o => o.JobId == job.CorrelationId && o.Attempt < job.Attempt && o.TranscriptBytes > before)
            .OrderByDescending(o => o.TranscriptBytes)
            .ThenByDescending(o => o.Attempt)
            .Select(o => new { o.Attempt, o.TranscriptBytes })
            .FirstOrDefaultAsync(cancellationToken);
        if (own is null && before > 0 && !job.Writes)
        {
            return null;
        }

        var conversation = new Conversation
        {
            Source = ConversationSource.OwnAttempt,
            TranscriptBytes = own?.TranscriptBytes ?? 0,
            Sha256 = own is null ? null : await HashOfAsync(db, job.CorrelationId, own.Attempt, own.TranscriptBytes, cancellationToken),
            EarlierBytes = before,
            Earlier = Used(session, job),
        };
        return new StoredConversation(conversation, job.CorrelationId, own?.Attempt ?? 0);
    }

    private static async Task<StoredConversation?> HeadOfAsync(GatewayDb db, Job job, SessionRow session, Guid? resumes, CancellationToken cancellationToken)
    {
        if (session.HeadJobId is not { } head)
        {
            // Where nothing was said a conversation begins; what was said and not kept is nowhere but on the worker that ran it.
            return session.ProviderSessionId is null && session.InputTokens is null or 0 ? null : new StoredConversation(Conversation(0, null), job.CorrelationId, 0);
        }

        return new StoredConversation(Conversation(session.HeadBytes, await HashOfAsync(db, head, session.HeadAttempt, session.HeadBytes, cancellationToken)), head, session.HeadAttempt);

        Conversation Conversation(long bytes, string? hash) => new()
        {
            Source = ConversationSource.Session,
            TranscriptBytes = bytes,
            Sha256 = hash,
            EarlierBytes = bytes,
            WrittenAs = job.Forks ? resumes : null,
            ProviderSessionId = Guid.TryParseExact(session.ProviderSessionId, "d", out var id) ? id : null,
            Earlier = Used(session, job),
        };
    }

    /// <summary>Whether a process of the job ever was, as far as is known: where none was, there is no conversation to resume and nothing that could be done twice.</summary>
    public static async Task<bool> HasRunAsync(GatewayDb db, Job job, CancellationToken cancellationToken) => job.Attempt > 1 && await db.Attempts.AnyAsync(
        a => a.JobId == job.CorrelationId && (a.StartedAtMs != null || a.FailureKind == FailureKinds.WorkerLost), cancellationToken);

    /// <summary>The hash that a worker reported of a whole transcript; null when it reported none of this length.</summary>
    private static async Task<string?> HashOfAsync(GatewayDb db, Guid jobId, int attempt, long bytes, CancellationToken cancellationToken)
    {
        var json = await db.Attempts.AsNoTracking().Where(a => a.JobId == jobId && a.Attempt == attempt).Select(a => a.StreamsJson).FirstOrDefaultAsync(cancellationToken);
        var streams = json is null ? null : JsonSerializer.Deserialize(json, StorageJson.Default.IReadOnlyListStreamSummary);
        return streams?.FirstOrDefault(s => s.Stream == OutputStream.Transcript && s.LengthBytes == bytes)?.Sha256;
    }

    private static RunUsage Used(SessionRow? session, Job job) => new()
    {
        CostUsd = (session?.CostUsd ?? 0) + (job.CostUsd ?? 0),
        InputTokens = (session?.InputTokens ?? 0) + (job.InputTokens ?? 0),
        OutputTokens = (session?.OutputTokens ?? 0) + (job.OutputTokens ?? 0),
        CacheReadTokens = (session?.CacheReadTokens ?? 0) + (job.CacheReadTokens ?? 0),
        CacheCreationTokens = (session?.CacheCreationTokens ?? 0) + (job.CacheCreationTokens ?? 0),
    };
}

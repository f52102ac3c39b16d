using Gateway.Contracts.Commands;
using Gateway.Contracts.Values;
using Gateway.Jobs.Output;
using Gateway.Jobs.Sessions;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Sessions;

/// <summary>Reads for the holder of an attempt what it is to go on with.</summary>
internal sealed class TranscriptStore(IDbContextFactory<GatewayDb> contexts, IOutputStore output) : ITranscriptStore
{
    public async Task<TranscriptPart?> ReadAsync(FetchTranscript question, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await FindAsync(question, now.ToUnixTimeMilliseconds(), cancellationToken) is not { } found || question.Offset < 0 || question.Offset >= found.Conversation.TranscriptBytes)
        {
            return null;
        }

        var most = (int)Math.Min(TranscriptPart.MostBytes, found.Conversation.TranscriptBytes - question.Offset);
        var bytes = await output.ReadAsync(found.JobId, found.Attempt, OutputStream.Transcript, question.Offset, most, cancellationToken);

        // Less than is counted: retention was there in between.
        return bytes.Length < most ? null : new TranscriptPart
        {
            JobId = question.JobId,
            Attempt = question.Attempt,
            Offset = question.Offset,
            Bytes = bytes,
            TotalBytes = found.Conversation.TranscriptBytes,
        };
    }

    private async Task<StoredConversation?> FindAsync(FetchTranscript question, long nowMs, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var holds = await db.Leases.AnyAsync(
            l => l.JobId == question.JobId && l.Attempt == question.Attempt && l.WorkerId == question.WorkerId && l.Epoch <= question.Epoch && !l.Lost && l.UntilMs > nowMs,
            cancellationToken);
        var job = holds ? await db.Jobs.AsNoTracking().FirstOrDefaultAsync(j => j.CorrelationId == question.JobId && j.Attempt == question.Attempt, cancellationToken) : null;
        if (job is null)
        {
            return null;
        }

        var resumes = await db.Requests.Where(r => r.JobId == question.JobId).Select(r => r.ResumesSessionId).FirstOrDefaultAsync(cancellationToken);
        return await ConversationLookup.FindAsync(db, job, resumes, cancellationToken);
    }
}

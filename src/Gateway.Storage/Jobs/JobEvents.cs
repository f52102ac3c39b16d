using Gateway.Contracts.Events;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Jobs;

/// <summary>Adds events to a job: numbers them without gaps, drops repetition, and keeps an end.</summary>
internal static class JobEvents
{
    /// <summary>Events kept per job; after that only <c>lifecycle</c> and <c>terminal</c> are added.</summary>
    public const int MaxEvents = 10_000;

    private const long RepetitionMs = 1_000;

    private static readonly PerModel<Func<GatewayDb, Guid, Task<ProgressRow?>>> FindHead =
        new(() => EF.CompileAsyncQuery((GatewayDb db, Guid jobId) => db.Progress.FirstOrDefault(p => p.JobId == jobId)));

    /// <summary>
    /// Adds the events to the running transaction; the caller saves. Of two transactions that took the same numbers the second
    /// is refused by the key of the events, and its message comes again.
    /// </summary>
    /// <param name="db">The context of the transaction.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="status">Its state, for those who wait.</param>
    /// <param name="events">The events, in order; their numbers are given here.</param>
    /// <param name="isNew">The job is being stored: there is no head to look for.</param>
    public static async Task AppendAsync(GatewayDb db, Guid jobId, string status, IEnumerable<EventRow> events, bool isNew = false)
    {
        var head = isNew ? null : db.Progress.Local.FindEntry(jobId)?.Entity ?? await FindHead.For(db)(db, jobId);
        foreach (var entry in events)
        {
            if (head is not null && IsDropped(head, entry))
            {
                continue;
            }

            if (head is null)
            {
                head = new ProgressRow { JobId = jobId };
                db.Progress.Add(head);
            }

            head.HighWaterSeq++;
            head.Phase = entry.Phase;
            head.Kind = entry.Kind;
            head.Message = entry.Message;
            head.AtMs = entry.AtMs;
            db.Events.Add(Numbered(entry, head.HighWaterSeq));
        }

        if (!isNew)
        {
            // Nobody can wait yet for a job whose id nobody has.
            db.TellAfterCommit(new JobChanged { JobId = jobId, HighWaterSeq = head?.HighWaterSeq ?? 0, Status = status });
        }
    }

    private static bool IsDropped(ProgressRow head, EventRow entry) =>
        (head.Phase == entry.Phase && head.Kind == entry.Kind && head.Message == entry.Message && Math.Abs(entry.AtMs - head.AtMs) < RepetitionMs)
        || (head.HighWaterSeq >= MaxEvents && entry.Kind is not ("lifecycle" or "terminal"));

    private static EventRow Numbered(EventRow entry, long seq) => new()
    {
        JobId = entry.JobId,
        Seq = seq,
        AtMs = entry.AtMs,
        Attempt = entry.Attempt,
        Phase = entry.Phase,
        Kind = entry.Kind,
        Message = entry.Message,
        Source = entry.Source,
    };
}

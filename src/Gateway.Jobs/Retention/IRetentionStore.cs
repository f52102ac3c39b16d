namespace Gateway.Jobs.Retention;

/// <summary>
/// Removes what is too old. Each call is one short transaction, and may be made by any process at any time: what another one has
/// removed is not there any more. Nothing of a job that has not ended is ever touched.
/// </summary>
public interface IRetentionStore
{
    /// <summary>Forgets idempotency keys whose time is over and whose job has ended.</summary>
    /// <param name="now">The store's time.</param>
    /// <param name="most">Most keys.</param>
    /// <param name="cancellationToken">Ends it; nothing was removed then.</param>
    Task<PurgedBatch> PurgeKeysAsync(DateTimeOffset now, int most, CancellationToken cancellationToken);

    /// <summary>Forgets which jobs equal calls were given, once the time for it is over.</summary>
    /// <param name="now">The store's time.</param>
    /// <param name="most">About the most that one call forgets.</param>
    /// <param name="cancellationToken">Ends it; nothing was removed then.</param>
    Task<PurgedBatch> PurgeEqualCallsAsync(DateTimeOffset now, int most, CancellationToken cancellationToken);

    /// <summary>
    /// Removes prompt, arguments, output, transcript and events of jobs. From the first piece on they are told to be gone; a job
    /// with much output takes several calls, and counts with the last one. The transcript from which a session goes on stays: it goes
    /// with the session, or with the job once another has taken its place.
    /// </summary>
    /// <param name="endedBefore">Jobs that ended before.</param>
    /// <param name="most">Most jobs.</param>
    /// <param name="cancellationToken">Ends it; nothing was removed then.</param>
    Task<PurgedBatch> PurgeContentAsync(DateTimeOffset endedBefore, int most, CancellationToken cancellationToken);

    /// <summary>Forgets jobs whose content is gone and that no idempotency key names.</summary>
    /// <param name="endedBefore">Jobs that ended before.</param>
    /// <param name="most">Most jobs.</param>
    /// <param name="cancellationToken">Ends it; nothing was removed then.</param>
    Task<PurgedBatch> PurgeJobsAsync(DateTimeOffset endedBefore, int most, CancellationToken cancellationToken);

    /// <summary>
    /// Removes sessions that nobody has used and no open job needs, and what is left of those that their callers have removed, with
    /// the transcripts that only they had kept. From the first step on they are unknown; one with long transcripts takes several
    /// calls, and counts with the last one.
    /// </summary>
    /// <param name="usedBefore">Sessions that were used before only.</param>
    /// <param name="most">Most sessions.</param>
    /// <param name="cancellationToken">Ends it; nothing was removed then.</param>
    Task<PurgedBatch> PurgeSessionsAsync(DateTimeOffset usedBefore, int most, CancellationToken cancellationToken);

    /// <summary>Removes requests for approval that no job waited for; those of jobs go with the jobs.</summary>
    /// <param name="expiredBefore">Expired before.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="cancellationToken">Ends it; nothing is removed then.</param>
    Task<PurgedBatch> PurgeApprovalsAsync(DateTimeOffset expiredBefore, int most, CancellationToken cancellationToken);

    /// <summary>Removes messages that nobody will send again.</summary>
    /// <param name="dueBefore">Messages that were due before.</param>
    /// <param name="most">Most messages.</param>
    /// <param name="cancellationToken">Ends it; nothing was removed then.</param>
    Task<PurgedBatch> PurgeDeadMessagesAsync(DateTimeOffset dueBefore, int most, CancellationToken cancellationToken);

    /// <summary>Removes counters that nobody will ask for again: their window is over, and no open job has reserved in them.</summary>
    /// <param name="endedBefore">Windows that ended before.</param>
    /// <param name="most">Most counters.</param>
    /// <param name="cancellationToken">Ends it; nothing was removed then.</param>
    Task<PurgedBatch> PurgeCountersAsync(DateTimeOffset endedBefore, int most, CancellationToken cancellationToken);

    /// <summary>Removes records of the audit log that are sealed, from the oldest on and without a gap; what is left can be verified still.</summary>
    /// <param name="before">Records from before.</param>
    /// <param name="most">Most records.</param>
    /// <param name="cancellationToken">Ends it; nothing was removed then.</param>
    Task<PurgedBatch> PurgeAuditAsync(DateTimeOffset before, int most, CancellationToken cancellationToken);

    /// <summary>
    /// Gives room back and sees that removed bytes can be read nowhere any more, where that is not the database's own business.
    /// </summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>False when a reader was in the way: it is to be asked again.</returns>
    Task<bool> ReclaimAsync(CancellationToken cancellationToken);
}

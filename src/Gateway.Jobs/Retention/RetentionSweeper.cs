using Gateway.Jobs.Leases;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Jobs.Retention;

/// <summary>
/// Removes what is kept long enough, in batches between which every other writer has its turn. Every API process may sweep: two
/// at once remove the same things once.
/// </summary>
public sealed partial class RetentionSweeper(IRetentionStore store, IStoreClock storeClock, IOptions<RetentionOptions> options, TimeProvider clock, ILogger<RetentionSweeper> logger)
    : PeriodicService(clock)
{
    // A counter is a small row, and each caller has one a minute.
    private const int CountersToAJob = 50;
    private const int RecordsToAJob = 10;

    // Longer than any window, so that no clock that differs makes one begin anew.
    private static readonly TimeSpan CountersKept = TimeSpan.FromDays(1);

    // A process that was killed may have left removed bytes behind: the first round clears them.
    private bool reclaim = true;

    /// <inheritdoc />
    protected override TimeSpan Interval => options.Value.SweepInterval;

    /// <summary>Removes all that is too old now.</summary>
    /// <param name="cancellationToken">Ends the sweep after the batch under way.</param>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var (now, limits) = (storeClock.GetUtcNow(), options.Value);
        var keys = await AllAsync(() => store.PurgeKeysAsync(now, limits.Batch, cancellationToken));
        await AllAsync(() => store.PurgeEqualCallsAsync(now, limits.Batch * CountersToAJob, cancellationToken));
        // Before content: what only a session had kept goes with it.
        var sessions = await AllAsync(() => store.PurgeSessionsAsync(now - limits.Sessions, limits.Batch, cancellationToken));
        var contents = await AllAsync(() => store.PurgeContentAsync(now - limits.Content, limits.Batch, cancellationToken));
        var jobs = await AllAsync(() => store.PurgeJobsAsync(now - limits.Jobs, limits.Batch, cancellationToken));
        var messages = await AllAsync(() => store.PurgeDeadMessagesAsync(now - limits.DeadMessages, limits.Batch, cancellationToken));
        await AllAsync(() => store.PurgeCountersAsync(now - CountersKept, limits.Batch * CountersToAJob, cancellationToken));
        var approvals = await AllAsync(() => store.PurgeApprovalsAsync(now - limits.Content, limits.Batch, cancellationToken));
        var records = await AllAsync(() => store.PurgeAuditAsync(now - limits.Audit, limits.Batch * RecordsToAJob, cancellationToken));
        if (records > 0)
        {
            LogForgotten(records);
        }

        if (keys + sessions + contents + jobs + messages + approvals > 0)
        {
            LogPurged(contents, jobs, keys, messages, approvals, sessions);
        }

        if (reclaim)
        {
            reclaim = !await store.ReclaimAsync(cancellationToken);
        }
    }

    /// <inheritdoc />
    protected override Task RoundAsync(CancellationToken cancellationToken) => SweepAsync(cancellationToken);

    private async Task<int> AllAsync(Func<Task<PurgedBatch>> purge)
    {
        var count = 0;
        PurgedBatch batch;
        do
        {
            batch = await purge();
            count += batch.Count;
            reclaim |= batch.Count > 0 || batch.More;
        }
        while (batch.More);
        return count;
    }

    [LoggerMessage(EventId = 2021, Level = LogLevel.Information, Message = "Retention removed the content of {Contents} jobs, {Jobs} jobs, {Keys} idempotency keys, {Messages} dead messages, {Approvals} requests for approval and {Sessions} sessions")]
    private partial void LogPurged(int contents, int jobs, int keys, int messages, int approvals, int sessions);

    [LoggerMessage(EventId = 2023, Level = LogLevel.Information, Message = "Retention removed {Records} records of the audit log")]
    private partial void LogForgotten(int records);

    /// <inheritdoc />
    [LoggerMessage(EventId = 2022, Level = LogLevel.Error, Message = "Retention could not remove what is too old; the next round tries again")]
    protected override partial void LogFailed(Exception problem);
}

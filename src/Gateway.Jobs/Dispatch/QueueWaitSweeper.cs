using Gateway.Jobs.Admission;
using Gateway.Jobs.Leases;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Jobs.Dispatch;

/// <summary>Ends the waiting of jobs that no worker took in time, where the operator has set a limit. Every API process may sweep: the lifecycle minds the first report alone.</summary>
public sealed partial class QueueWaitSweeper(IQueueWaitStore store, IStoreClock time, IOptions<JobsOptions> options, TimeProvider clock, ILogger<QueueWaitSweeper> logger) : PeriodicService(clock)
{
    private const int Batch = 200;

    // A report that the lifecycle has not heard by then died on its way. Sooner it would pile up in the outbox while a broker is away.
    private static readonly TimeSpan ReportAgain = TimeSpan.FromMinutes(1);

    private readonly Dictionary<Guid, DateTimeOffset> _told = [];

    /// <inheritdoc />
    protected override TimeSpan Interval => TimeSpan.FromSeconds(1);

    /// <summary>Looks once; not from two threads.</summary>
    /// <param name="cancellationToken">Ends the sweep.</param>
    /// <returns>How many jobs have waited for too long.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        if (options.Value.MaxQueueWait is not { } most)
        {
            return 0;
        }

        var now = time.GetUtcNow();
        foreach (var (job, _) in _told.Where(told => told.Value <= now).ToList())
        {
            _told.Remove(job);
        }

        var expired = await store.TellAsync(now - most, Batch, _told.Keys, cancellationToken);
        foreach (var job in expired)
        {
            _told[job] = now + ReportAgain;
        }

        if (expired.Count > 0)
        {
            LogExpired(expired.Count, most);
        }

        return expired.Count;
    }

    /// <inheritdoc />
    protected override Task RoundAsync(CancellationToken cancellationToken) => SweepAsync(cancellationToken);

    [LoggerMessage(EventId = 2071, Level = LogLevel.Warning, Message = "{Count} jobs waited for longer than {Most} and were given up")]
    private partial void LogExpired(int count, TimeSpan most);

    /// <inheritdoc />
    [LoggerMessage(EventId = 2072, Level = LogLevel.Error, Message = "Jobs that have waited for too long could not be given up; the next round tries again")]
    protected override partial void LogFailed(Exception problem);
}

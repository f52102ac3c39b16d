using Microsoft.Extensions.Logging;

namespace Gateway.Jobs.Reading;

/// <summary>Reads what there is (queued, running, slots, outbox) for the metrics, as long as anybody watches them.</summary>
internal sealed partial class JobsGauge(IJobQueries queries, TimeProvider clock, ILogger<JobsGauge> logger) : PeriodicService(clock)
{
    // Counts are of everybody; the owner's own ones are nobody's here.
    private static readonly Caller Nobody = new("", "");

    /// <inheritdoc />
    protected override TimeSpan Interval => TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    protected override async Task RoundAsync(CancellationToken cancellationToken)
    {
        if (JobsTelemetry.IsWatched)
        {
            JobsTelemetry.Show(await queries.ReadFiguresAsync(Nobody, cancellationToken));
        }
    }

    /// <inheritdoc />
    [LoggerMessage(EventId = 2081, Level = LogLevel.Warning, Message = "The figures for the metrics could not be read")]
    protected override partial void LogFailed(Exception problem);
}

using Gateway.Jobs.Admission;
using Gateway.Jobs.Lifecycle;
using Microsoft.Extensions.Logging;

namespace Gateway.Jobs.Dispatch;

/// <summary>
/// Sees that no job waits without a command: a worker that finds nobody to answer its claim, or no runner, drops the
/// command after some minutes and counts on its being sent again.
/// </summary>
public sealed partial class ReleaseKeeper(IJobStore store, TimeProvider clock, ILogger<ReleaseKeeper> logger) : PeriodicService(clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <inheritdoc />
    protected override TimeSpan Interval => Patience;

    /// <summary>Looks once.</summary>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>How many commands were sent again.</returns>
    public async Task<int> LookAsync(CancellationToken cancellationToken)
    {
        var count = await store.ReleaseAgainAsync(Clock.GetUtcNow() - Patience, JobChanges.NextRelease, cancellationToken);
        if (count > 0)
        {
            LogReleased(count);
        }

        return count;
    }

    /// <inheritdoc />
    protected override Task RoundAsync(CancellationToken cancellationToken) => LookAsync(cancellationToken);

    [LoggerMessage(EventId = 2011, Level = LogLevel.Warning, Message = "{Count} jobs waited without a command; it was sent again")]
    private partial void LogReleased(int count);

    /// <inheritdoc />
    [LoggerMessage(EventId = 2012, Level = LogLevel.Error, Message = "Jobs without a command could not be looked for")]
    protected override partial void LogFailed(Exception problem);
}

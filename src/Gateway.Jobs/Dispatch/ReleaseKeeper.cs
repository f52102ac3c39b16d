using Gateway.Jobs.Admission;
using Gateway.Jobs.Lifecycle;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Jobs.Dispatch;

/// <summary>
/// Sees that no job waits without a command: a worker that finds nobody to answer its claim, or no runner, drops the
/// command after some minutes and counts on its being sent again.
/// </summary>
public sealed partial class ReleaseKeeper(IJobStore store, TimeProvider clock, ILogger<ReleaseKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Looks once.</summary>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>How many commands were sent again.</returns>
    public async Task<int> LookAsync(CancellationToken cancellationToken)
    {
        var count = await store.ReleaseAgainAsync(clock.GetUtcNow() - Patience, JobChanges.NextRelease, cancellationToken);
        if (count > 0)
        {
            LogReleased(count);
        }

        return count;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Patience, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception problem) when (!stoppingToken.IsCancellationRequested)
            {
                // The edge of a background loop: the next round looks again.
                LogFailed(problem);
            }
        }
    }

    [LoggerMessage(EventId = 2011, Level = LogLevel.Warning, Message = "{Count} jobs waited without a command; it was sent again")]
    private partial void LogReleased(int count);

    [LoggerMessage(EventId = 2012, Level = LogLevel.Error, Message = "Jobs without a command could not be looked for")]
    private partial void LogFailed(Exception problem);
}

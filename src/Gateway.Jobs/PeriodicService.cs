using Microsoft.Extensions.Hosting;

namespace Gateway.Jobs;

/// <summary>Does the same small thing again and again while the process lives. A round that fails is logged, and the next one tries again.</summary>
/// <param name="clock">Times the rounds.</param>
public abstract class PeriodicService(TimeProvider clock) : BackgroundService
{
    /// <summary>Times the rounds.</summary>
    protected TimeProvider Clock { get; } = clock;

    /// <summary>Time between two rounds; the first one comes after it.</summary>
    protected abstract TimeSpan Interval { get; }

    /// <summary>Does it once.</summary>
    /// <param name="cancellationToken">Ends the round.</param>
    protected abstract Task RoundAsync(CancellationToken cancellationToken);

    /// <summary>Logs that a round failed.</summary>
    /// <param name="problem">Why.</param>
    protected abstract void LogFailed(Exception problem);

    /// <inheritdoc />
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, Clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RoundAsync(stoppingToken);
            }
            catch (Exception problem) when (!stoppingToken.IsCancellationRequested)
            {
                // The edge of a background loop.
                LogFailed(problem);
            }
        }
    }
}

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Jobs.Leases;

/// <summary>
/// Finds the leases that have ended. When the store clock and the monotonic clock disagree by more than two seconds
/// between two sweeps, or no process swept shortly before this one started, every lease first gets a new term: a clock
/// that jumped, or gateways that were all away, must not cost running jobs their attempt.
/// </summary>
public sealed partial class LeaseSweeper(ILeaseStore leases, IStoreClock store, IOptions<LeaseOptions> options, TimeProvider clock, ILogger<LeaseSweeper> logger)
    : PeriodicService(clock), IHostedLifecycleService
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);
    private (DateTimeOffset Wall, long Monotonic)? previous;

    /// <inheritdoc />
    protected override TimeSpan Interval => options.Value.SweepInterval;

    /// <summary>Looks once.</summary>
    /// <param name="cancellationToken">Ends the sweep.</param>
    /// <returns>How many attempts were lost.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var now = store.GetUtcNow();
        var trusted = previous is { } last
            ? (now - last.Wall - Clock.GetElapsedTime(last.Monotonic)).Duration() <= Tolerance
            // Others were there all the time: else each restart beside them would put off the loss of every dead worker.
            : (now - await leases.ReadLastSweepAsync(cancellationToken))?.Duration() <= (2 * options.Value.SweepInterval) + Tolerance;
        if (!trusted)
        {
            await leases.ExtendAllAsync(now + options.Value.Duration, cancellationToken);
            previous = (now, Clock.GetTimestamp());
            return 0;
        }

        previous = (now, Clock.GetTimestamp());

        var lost = await leases.SweepAsync(now, cancellationToken);
        if (lost > 0)
        {
            LogLost(lost);
        }

        return lost;
    }

    /// <summary>The first look, before the bus takes anything: a heartbeat must not meet leases that ended only because nobody was there.</summary>
    /// <param name="cancellationToken">Gives up the start.</param>
    public Task StartingAsync(CancellationToken cancellationToken) => SweepAsync(cancellationToken);

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    protected override Task RoundAsync(CancellationToken cancellationToken) => SweepAsync(cancellationToken);

    [LoggerMessage(EventId = 2001, Level = LogLevel.Warning, Message = "{Count} attempts were lost: their leases have ended")]
    private partial void LogLost(int count);

    /// <inheritdoc />
    [LoggerMessage(EventId = 2002, Level = LogLevel.Error, Message = "Leases could not be swept")]
    protected override partial void LogFailed(Exception problem);
}

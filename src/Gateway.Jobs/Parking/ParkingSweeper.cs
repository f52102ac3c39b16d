using Gateway.Jobs.Leases;
using Microsoft.Extensions.Logging;

namespace Gateway.Jobs.Parking;

/// <summary>Brings parked jobs back when their time has come. Every API process may sweep.</summary>
public sealed partial class ParkingSweeper(IParkingStore store, IStoreClock time, TimeProvider clock, ILogger<ParkingSweeper> logger) : PeriodicService(clock)
{
    // More than a second of the lifecycle's work would only wait in its queue, before messages that are due earlier.
    private const int Batch = 200;

    /// <inheritdoc />
    protected override TimeSpan Interval => TimeSpan.FromSeconds(5);

    /// <summary>Looks once.</summary>
    /// <param name="cancellationToken">Ends the sweep.</param>
    /// <returns>How many parkings have ended, and how many waiting jobs are told of a limit.</returns>
    public async Task<(int Ended, int Told)> SweepAsync(CancellationToken cancellationToken)
    {
        var (ended, told) = await store.SweepAsync(time.GetUtcNow(), Batch, cancellationToken);
        if (ended + told > 0)
        {
            LogSwept(ended, told);
        }

        return (ended, told);
    }

    /// <inheritdoc />
    protected override Task RoundAsync(CancellationToken cancellationToken) => SweepAsync(cancellationToken);

    [LoggerMessage(EventId = 2061, Level = LogLevel.Information, Message = "{Ended} parked jobs went back to the queue, {Told} that do not wait for a usage limit were told of one")]
    private partial void LogSwept(int ended, int told);

    /// <inheritdoc />
    [LoggerMessage(EventId = 2062, Level = LogLevel.Error, Message = "Parked jobs could not be brought back; the next round tries again")]
    protected override partial void LogFailed(Exception problem);
}

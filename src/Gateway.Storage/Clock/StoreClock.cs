using Gateway.Jobs.Leases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Storage.Clock;

/// <summary>
/// The time by which leases are judged, the same for every process on one database: what the database last said, and what
/// has passed since then on this machine's monotonic clock. So neither two machines that disagree nor a wall clock that is
/// set costs a run its lease. Where the database is a file, it is the process's own clock.
/// </summary>
internal sealed partial class StoreClock(StorageProvider provider, IDbContextFactory<GatewayDb> contexts, TimeProvider clock, ILogger<StoreClock> logger)
    : BackgroundService, IHostedLifecycleService, IStoreClock
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    // An answer that took longer says too little about when it was true.
    private static readonly TimeSpan LongestReading = TimeSpan.FromSeconds(1);
    private volatile Reading? last;

    public DateTimeOffset GetUtcNow() => last is { } said ? said.At + clock.GetElapsedTime(said.Timestamp) : clock.GetUtcNow();

    /// <summary>Asks the database once; an answer that came too late changes nothing.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        if (provider.ClockStatement is not { } statement)
        {
            return;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Database.OpenConnectionAsync(cancellationToken);
        var asked = clock.GetTimestamp();
        var ms = await AskAsync(db, statement, cancellationToken);
        var took = clock.GetElapsedTime(asked);
        if (took <= LongestReading || last is null)
        {
            // Half of the way there, half of it back.
            last = new Reading(DateTimeOffset.FromUnixTimeMilliseconds(ms) - (took / 2), asked);
        }
    }

    /// <summary>The first reading, before anything is judged.</summary>
    public Task StartingAsync(CancellationToken cancellationToken) => ReadAsync(cancellationToken);

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (provider.ClockStatement is null)
        {
            return;
        }

        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await ReadAsync(stoppingToken);
            }
            catch (Exception problem) when (!stoppingToken.IsCancellationRequested)
            {
                // The edge of a background loop: the monotonic clock goes on from the last answer.
                LogFailed(problem);
            }
        }
    }

#pragma warning disable CA2100 // The text is a provider's constant.
    private static async Task<long> AskAsync(GatewayDb db, string statement, CancellationToken cancellationToken)
    {
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = statement;
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), System.Globalization.CultureInfo.InvariantCulture);
    }
#pragma warning restore CA2100

    [LoggerMessage(EventId = 4011, Level = LogLevel.Warning, Message = "The database's clock could not be read")]
    private partial void LogFailed(Exception problem);

    private sealed record Reading(DateTimeOffset At, long Timestamp);
}

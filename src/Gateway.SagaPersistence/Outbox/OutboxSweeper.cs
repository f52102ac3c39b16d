using Gateway.SagaPersistence.Writing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.SagaPersistence.Outbox;

/// <summary>Finds rows that nobody has in hand, left over by a crash, a failed send, or due only now, and hands them to the dispatcher.</summary>
internal sealed partial class OutboxSweeper<TDbContext>(
    IServiceScopeFactory scopes,
    OutboxLedger ledger,
    OutboxRowFactory rows,
    IWriteGate gate,
    IOptions<SagaPersistenceOptions> options,
    TimeProvider clock,
    ILogger<OutboxSweeper<TDbContext>> logger) : BackgroundService
    where TDbContext : DbContext
{
    private const int SweepsAtRest = 10;
    private readonly SagaPersistenceOptions options = options.Value;
    private bool unlocked = options.Value.Delivery == OutboxDelivery.DeleteWhenConfirmed;
    private readonly long startedAt = clock.GetTimestamp();
    private bool empty;
    private long storedWhenEmpty;
    private long lastBeat = -1;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.SweepInterval, clock);
        do
        {
            try
            {
                if (!IsAtRest())
                {
                    await SweepUntilEmptyAsync(stoppingToken);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogSweepFailed(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task SweepUntilEmptyAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TDbContext>();
        if (!unlocked)
        {
            await UnlockLeftOversAsync(db, cancellationToken);
            unlocked = true;
        }

        var unreceived = ledger.GiveBackUnreceived(options.UnreceivedLimit);
        if (unreceived > 0)
        {
            LogUnreceived(unreceived);
        }

        var stored = ledger.Stored;
        while (await SweepAsync(db, cancellationToken) == options.SweepBatch)
        {
        }

        empty = !await db.Set<OutboxRow>().AnyAsync(cancellationToken);
        storedWhenEmpty = stored;
    }

    // An empty table stays empty while this process stores nothing; what other processes leave over may wait for the next beat. Beats count
    // from the start: all that looks now and then looks at the same moment, and between them the process is at rest.
    private bool IsAtRest()
    {
        var beat = (clock.GetElapsedTime(startedAt) + (options.SweepInterval / 2)).Ticks / (SweepsAtRest * options.SweepInterval).Ticks;
        var isNext = beat != lastBeat;
        lastBeat = beat;
        return empty && storedWhenEmpty == ledger.Stored && !isNext;
    }

    /// <summary>Embedded: this process is alone on the file, so every lock that is not its own is a dead process's.</summary>
    private async Task UnlockLeftOversAsync(TDbContext db, CancellationToken cancellationToken)
    {
        var process = rows.Process;
        var leftOver = db.Set<OutboxRow>().Where(row => row.LockedUntilMs != 0 && row.DeadReason == null && row.Owner != process);
        if (await leftOver.AnyAsync(cancellationToken))
        {
            using var turn = await gate.EnterAsync(WritePriority.Completion, cancellationToken);
            var count = await leftOver.ExecuteUpdateAsync(set => set.SetProperty(row => row.LockedUntilMs, 0), cancellationToken);
            LogLeftOver(count);
        }
    }

    private async Task<int> SweepAsync(TDbContext db, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var free = await db.Set<OutboxRow>().AsNoTracking()
            .Where(row => row.LockedUntilMs < now && row.DueMs <= now && row.DeadReason == null)
            .OrderBy(row => row.Seq)
            .Take(options.SweepBatch)
            .ToListAsync(cancellationToken);
        if (free.Count == 0)
        {
            return 0;
        }

        foreach (var row in await ClaimAsync(db, free, now, cancellationToken))
        {
            ledger.Hand(row);
        }

        return free.Count;
    }

    /// <summary>The update decides who has a row; only if another sweeper, or a consumer, was faster must the winner's rows be read back.</summary>
    private async Task<List<OutboxRow>> ClaimAsync(TDbContext db, List<OutboxRow> free, long now, CancellationToken cancellationToken)
    {
        var owner = Guid.CreateVersion7(clock.GetUtcNow());
        var until = rows.LockFrom(now);
        var numbers = free.ConvertAll(row => row.Seq);
        var mine = db.Set<OutboxRow>().Where(row => numbers.Contains(row.Seq));
        int claimed;
        using (await gate.EnterAsync(WritePriority.Completion, cancellationToken))
        {
            claimed = await mine.Where(row => row.LockedUntilMs < now && row.DeadReason == null).ExecuteUpdateAsync(
                set => set.SetProperty(row => row.LockedUntilMs, until).SetProperty(row => row.Owner, owner),
                cancellationToken);
        }

        if (claimed == free.Count)
        {
            return free;
        }

        var won = await mine.Where(row => row.Owner == owner).Select(row => row.Seq).ToListAsync(cancellationToken);
        return free.FindAll(row => won.Contains(row.Seq));
    }

    [LoggerMessage(111, LogLevel.Error, "The outbox could not be swept; the next sweep tries again")]
    private partial void LogSweepFailed(Exception exception);

    [LoggerMessage(112, LogLevel.Information, "{Count} outbox rows of an earlier process were found and will be sent again")]
    private partial void LogLeftOver(int count);

    [LoggerMessage(113, LogLevel.Warning, "{Count} messages were sent but no endpoint began to receive them; they will be sent again")]
    private partial void LogUnreceived(int count);
}

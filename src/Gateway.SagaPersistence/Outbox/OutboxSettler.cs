using Gateway.SagaPersistence.Writing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.SagaPersistence.Outbox;

/// <summary>Writes what became of rows whose message has left, gathered: one transaction for all that came within the settle delay.</summary>
internal sealed partial class OutboxSettler<TDbContext>(
    IServiceScopeFactory scopes,
    OutboxLedger ledger,
    IWriteGate gate,
    IOptions<SagaPersistenceOptions> options,
    TimeProvider clock,
    ILogger<OutboxSettler<TDbContext>> logger) : BackgroundService, IHostedLifecycleService
    where TDbContext : DbContext
{
    private const int LargestBatch = 500;
    private readonly List<Settlement> gathered = new(LargestBatch);
    private readonly SagaPersistenceOptions options = options.Value;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>After the bus has stopped: the last consumers' rows, also when the patience of the stop is used up, since it is one short
    /// write. What a failure leaves here is sent again at the next start.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        while (await SettleGatheredAsync(CancellationToken.None))
        {
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await ledger.Settled.WaitToReadAsync(stoppingToken))
        {
            if (options.SettleDelay > TimeSpan.Zero)
            {
                await Task.Delay(options.SettleDelay, clock, stoppingToken);
            }

            try
            {
                while (await SettleGatheredAsync(stoppingToken))
                {
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogSettleFailed(exception, gathered.Count);
                await Task.Delay(options.ResendDelay, clock, stoppingToken);
            }
        }
    }

    /// <summary>Settlements stay gathered until they are written.</summary>
    private async Task<bool> SettleGatheredAsync(CancellationToken cancellationToken)
    {
        while (gathered.Count < LargestBatch && ledger.Settled.TryRead(out var settlement))
        {
            gathered.Add(settlement);
        }

        if (gathered.Count == 0)
        {
            return false;
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TDbContext>();
        await gate.WriteAsync(db, WritePriority.Completion, token => WriteAsync(db.Set<OutboxRow>(), token), cancellationToken);
        gathered.Clear();
        return true;
    }

    private async Task WriteAsync(DbSet<OutboxRow> outbox, CancellationToken cancellationToken)
    {
        var consumed = Numbers(SettlementKind.Delete);
        if (consumed.Count > 0)
        {
            await outbox.Where(row => consumed.Contains(row.Seq)).ExecuteDeleteAsync(cancellationToken);
        }

        var released = Numbers(SettlementKind.Release);
        if (released.Count > 0)
        {
            var free = (clock.GetUtcNow() + options.ResendDelay).ToUnixTimeMilliseconds();
            await outbox.Where(row => released.Contains(row.Seq))
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.LockedUntilMs, free), cancellationToken);
        }

        foreach (var dead in gathered.Where(settlement => settlement.Kind == SettlementKind.Dead))
        {
            LogDead(dead.Seq, dead.Reason);
            await outbox.Where(row => row.Seq == dead.Seq)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.DeadReason, dead.Reason), cancellationToken);
        }
    }

    private List<long> Numbers(SettlementKind kind) =>
        [.. gathered.Where(settlement => settlement.Kind == kind).Select(settlement => settlement.Seq)];

    [LoggerMessage(121, LogLevel.Error, "{Count} outbox rows could not be settled; they will be tried again")]
    private partial void LogSettleFailed(Exception exception, int count);

    [LoggerMessage(122, LogLevel.Error, "Outbox row {Seq} is dead: {Reason}")]
    private partial void LogDead(long seq, string? reason);
}

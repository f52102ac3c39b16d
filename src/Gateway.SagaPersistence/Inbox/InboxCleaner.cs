using Gateway.SagaPersistence.Writing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.SagaPersistence.Inbox;

/// <summary>Removes inbox rows older than the retention, a few at a time, so that no writer waits long behind it.</summary>
internal sealed partial class InboxCleaner<TDbContext>(
    IServiceScopeFactory scopes,
    IWriteGate gate,
    IOptions<SagaPersistenceOptions> options,
    TimeProvider clock,
    ILogger<InboxCleaner<TDbContext>> logger) : BackgroundService
    where TDbContext : DbContext
{
    private readonly SagaPersistenceOptions options = options.Value;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.InboxCleanupInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var inbox = scope.ServiceProvider.GetRequiredService<TDbContext>().Set<InboxRow>();
                while (await DeleteBatchAsync(inbox, stoppingToken))
                {
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogCleanupFailed(exception);
            }
        }
    }

    /// <summary>Deletes up to a time, not up to a count: a range of the index, where a limited delete over a two-part key would compare each with each.</summary>
    private async Task<bool> DeleteBatchAsync(DbSet<InboxRow> inbox, CancellationToken cancellationToken)
    {
        var cutoff = (clock.GetUtcNow() - options.InboxRetention).ToUnixTimeMilliseconds();
        var oldest = await inbox.Where(row => row.ReceivedMs < cutoff)
            .OrderBy(row => row.ReceivedMs)
            .Select(row => row.ReceivedMs)
            .Take(options.InboxCleanupBatch)
            .ToListAsync(cancellationToken);
        if (oldest.Count == 0)
        {
            return false;
        }

        var last = oldest[^1];
        using var turn = await gate.EnterAsync(WritePriority.Submit, cancellationToken);
        await inbox.Where(row => row.ReceivedMs <= last).ExecuteDeleteAsync(cancellationToken);
        return oldest.Count == options.InboxCleanupBatch;
    }

    [LoggerMessage(141, LogLevel.Error, "Old inbox rows could not be removed; the next round tries again")]
    private partial void LogCleanupFailed(Exception exception);
}

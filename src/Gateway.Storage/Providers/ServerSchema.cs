using Gateway.Storage.Providers.PostgreSql;
using Gateway.Storage.Providers.SqlServer;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Storage.Providers;

/// <summary>
/// Brings the database of a server to the newest schema before anything else starts, and waits for a server that is still
/// starting itself. Of processes that start together one migrates under EF's lock in the database, and the others find it done.
/// </summary>
internal sealed partial class ServerSchema(
    StorageProvider provider, IOptions<StorageOptions> options, IOptions<StorageChoice> choice, IOptions<PostgreSqlOptions> postgreSql, IOptions<SqlServerOptions> sqlServer, IDbContextFactory<GatewayDb> contexts, TimeProvider clock, ILogger<ServerSchema> logger)
    : IHostedLifecycleService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if ((choice.Value.Kind == StorageKind.PostgreSql ? PostgreSqlTls.WarningOf(postgreSql.Value) : SqlServerTls.WarningOf(sqlServer.Value)) is { } warning)
        {
            LogWeak(provider.Name, warning);
        }

        var began = clock.GetTimestamp();
        var refused = 0;
        while (true)
        {
            try
            {
                await MigrateAsync(cancellationToken);
                return;
            }
            catch (Exception problem) when (StoreFaults.CauseOf(problem) is { } cause)
            {
                // Seen once it may be of processes that start together: the table that stands in the way is what another one has just made.
                if (provider.IsLasting(cause) && refused++ > 0)
                {
                    throw new InvalidOperationException($"The database ({provider.Name}) refuses to be opened and brought to its newest schema, and would again: {StoreFaults.WordsOf(cause)}", problem);
                }

                if (clock.GetElapsedTime(began) >= options.Value.StartTimeout)
                {
                    throw new InvalidOperationException(
                        $"The database ({provider.Name}) could not be opened and brought to its newest schema within Storage:StartTimeout ({options.Value.StartTimeout}): {StoreFaults.WordsOf(cause)}", problem);
                }

                LogWaiting(provider.Name, StoreFaults.WordsOf(cause));
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Nothing to do is the rule, and needs no right but to read: the account of the running gateway need not own the tables.
    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var pending = (await db.Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
        if (pending.Count > 0)
        {
            await db.Database.MigrateAsync(cancellationToken);
            LogMigrated(pending.Count, pending[^1]);
        }
    }

    [LoggerMessage(EventId = 4002, Level = LogLevel.Information, Message = "The database was brought to its newest schema: {Count} migrations, the last one {Migration}")]
    private partial void LogMigrated(int count, string migration);

    [LoggerMessage(EventId = 4004, Level = LogLevel.Warning, Message = "The way to the database ({Provider}) is open: {Warning}")]
    private partial void LogWeak(string provider, string warning);

    [LoggerMessage(EventId = 4003, Level = LogLevel.Warning, Message = "The database ({Provider}) does not answer yet: {Reason}")]
    private partial void LogWaiting(string provider, string reason);
}

using Gateway.Storage.Providers.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Gateway.Storage;

/// <summary>The schema of the database for who looks after it, apart from any start: what is there, and the way to the newest.</summary>
/// <param name="provider">Which database.</param>
/// <param name="sqlite">Where the embedded one is.</param>
/// <param name="contexts">Makes contexts.</param>
public sealed class DatabaseSchema(StorageProvider provider, IOptions<SqliteOptions> sqlite, IDbContextFactory<GatewayDb> contexts)
{
    /// <summary>Looks, and changes nothing.</summary>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <exception cref="DatabaseInUseException">A gateway has the embedded database.</exception>
    public async Task<SchemaReport> ReadAsync(CancellationToken cancellationToken)
    {
        if (!provider.IsServer && !File.Exists(sqlite.Value.File))
        {
            // To open it would make it.
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            return new SchemaReport(provider.Name, [], [.. db.Database.GetMigrations()], [], null);
        }

        using var hold = Hold();
        return await LookAsync(_ => Task.CompletedTask, cancellationToken);
    }

    /// <summary>Brings the database to the newest schema, and makes it where there is none. One that a newer program has made is left alone.</summary>
    /// <param name="cancellationToken">Ends the work; a migration that has begun is rolled back.</param>
    /// <returns>How it was before; what was pending then is applied now, unless there is a fault.</returns>
    /// <exception cref="DatabaseInUseException">A gateway has the embedded database.</exception>
    public async Task<SchemaReport> MigrateAsync(CancellationToken cancellationToken)
    {
        using var hold = Hold();
        if (!provider.IsServer)
        {
            SqliteFile.CloseToOthers(Path.GetFullPath(sqlite.Value.File));
        }

        return await LookAsync(db => provider.IsServer ? db.Database.MigrateAsync(cancellationToken) : SqliteFile.MigrateAsync(db, cancellationToken), cancellationToken);
    }

    private FileStream? Hold() => provider.IsServer ? null : SqliteFile.Hold(Path.GetFullPath(sqlite.Value.File));

    private async Task<SchemaReport> LookAsync(Func<GatewayDb, Task> migrate, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var known = db.Database.GetMigrations().ToList();
        var report = new SchemaReport(provider.Name, [], [], [], null);
        try
        {
            var applied = (await db.Database.GetAppliedMigrationsAsync(cancellationToken)).ToList();
            report = report with { Applied = applied, Pending = [.. known.Except(applied)], Newer = [.. applied.Except(known)] };
            if (report is { Newer.Count: 0, Pending.Count: > 0 })
            {
                await migrate(db);
            }

            return report;
        }
        catch (Exception problem) when (StoreFaults.CauseOf(problem) is { } cause)
        {
            return report with { Fault = cause.Message };
        }
    }
}

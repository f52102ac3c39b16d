using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Storage.Providers.Sqlite;

/// <summary>
/// Holds the database file for this process alone, and brings it to the newest schema, before anything else starts. Two
/// processes on one file would treat each other's workers as dead.
/// </summary>
internal sealed partial class SqliteFile(IOptions<SqliteOptions> options, IDbContextFactory<GatewayDb> contexts, ILogger<SqliteFile> logger)
    : IHostedLifecycleService, IDisposable
{
    // EAGAIN: somebody else has the lock. A full disk is an IOException too.
    private const int WouldBlock = 11;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private FileStream? hold;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var file = Path.GetFullPath(options.Value.File);
        hold = Hold(file);
        CloseToOthers(file);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var pending = (await db.Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
        if (pending.Count > 0)
        {
            await MigrateAsync(db, cancellationToken);
            LogMigrated(pending.Count, pending[^1]);
        }

        await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => hold?.Dispose();

    /// <summary>Takes the file for this process alone, as long as the answer is open; makes its folder and its lock.</summary>
    /// <exception cref="DatabaseInUseException">Another process has it.</exception>
    internal static FileStream Hold(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file) ?? ".", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return Lock(file + ".lock");
    }

    /// <summary>
    /// Makes the file where there is none, and takes what others may do with it: prompts and answers stand in it. SQLite gives its log and
    /// its index the rights that the file has, and leaves those that it finds.
    /// </summary>
    internal static void CloseToOthers(string file)
    {
        new FileStream(file, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, UnixCreateMode = OwnerOnly }).Dispose();
        foreach (var path in (string[])[file, file + "-wal", file + "-shm"])
        {
            if (File.Exists(path) && (File.GetUnixFileMode(path) & ~OwnerOnly) != 0)
            {
                File.SetUnixFileMode(path, OwnerOnly);
            }
        }
    }

    /// <summary>Brings the file to the newest schema; only for who holds it.</summary>
    internal static async Task MigrateAsync(GatewayDb db, CancellationToken cancellationToken)
    {
        // Only a file without tables takes it: room that rows leave can then be given back to the disk.
        await db.Database.OpenConnectionAsync(cancellationToken);
        await db.Database.ExecuteSqlRawAsync("PRAGMA auto_vacuum=INCREMENTAL", cancellationToken);
        await ForgetMigrationLockAsync(db, cancellationToken);
        await db.Database.MigrateAsync(cancellationToken);
    }

    // EF waits for ever for a lock that a killed process left in the file. This process is alone on it, so no lock is alive.
    private static async Task ForgetMigrationLockAsync(GatewayDb db, CancellationToken cancellationToken)
    {
        if (await db.GetService<IRelationalDatabaseCreator>().ExistsAsync(cancellationToken))
        {
            await db.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellationToken);
        }
    }

    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = OwnerOnly,
            });
        }
        catch (IOException problem) when (problem.HResult == WouldBlock)
        {
            throw new DatabaseInUseException(
                $"The database file is in use by another gateway process (its lock '{Path.GetFileName(path)}' is held). "
                + "Stop that process, or give this one a data folder of its own with the setting 'Data:Folder'.",
                problem);
        }
    }

    [LoggerMessage(EventId = 4001, Level = LogLevel.Information, Message = "The database was brought to its newest schema: {Count} migrations, the last one {Migration}")]
    private partial void LogMigrated(int count, string migration);
}

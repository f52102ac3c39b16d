using Gateway.SagaPersistence.Writing;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Providers.Sqlite;

/// <summary>Gives the room of removed rows back to the disk, and empties the log that may still hold their bytes.</summary>
internal static class SqliteSpace
{
    // 2 MiB at a time: each page moves one from the end of the file into a gap.
    private const string GiveBack = "PRAGMA incremental_vacuum(512)";

    /// <summary>Does it in turns with the other writers; false when a reader kept the log from being emptied.</summary>
    public static async Task<bool> ReclaimAsync(GatewayDb db, IWriteGate gate, CancellationToken cancellationToken)
    {
        // One connection for all of it, which EF would else give back after each statement.
        await db.Database.OpenConnectionAsync(cancellationToken);
        var (free, before) = (await AskAsync(db, "PRAGMA freelist_count", cancellationToken), long.MaxValue);
        while (free > 0 && free < before)
        {
            using (await gate.EnterAsync(WritePriority.Submit, cancellationToken))
            {
                await AskAsync(db, GiveBack, cancellationToken);
            }

            (before, free) = (free, await AskAsync(db, "PRAGMA freelist_count", cancellationToken));
        }

        using (await gate.EnterAsync(WritePriority.Submit, cancellationToken))
        {
            // 1: busy. It does not wait for a reader, who would hold up every writer.
            return await AskAsync(db, "PRAGMA wal_checkpoint(TRUNCATE)", cancellationToken) == 0;
        }
    }

    // To the end: this pragma frees a page with each row that is asked for.
    private static async Task<long> AskAsync(GatewayDb db, string statement, CancellationToken cancellationToken)
    {
        await using var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // Each statement is one of the constants above.
        command.CommandText = statement;
#pragma warning restore CA2100
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        long first = 0;
        for (var isFirst = true; await rows.ReadAsync(cancellationToken); isFirst = false)
        {
            first = isFirst ? rows.GetInt64(0) : first;
        }

        return first;
    }
}

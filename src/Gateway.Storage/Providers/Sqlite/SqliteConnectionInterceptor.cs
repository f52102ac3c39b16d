using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Options;

namespace Gateway.Storage.Providers.Sqlite;

/// <summary>
/// What belongs to a connection, not to the file, is set whenever one is opened: <c>synchronous</c>, and that removed bytes are
/// overwritten at once. All connections, since rows also leave copies behind when a page is split.
/// </summary>
internal sealed class SqliteConnectionInterceptor(IOptions<SqliteOptions> options) : DbConnectionInterceptor
{
    private readonly string pragma = $"PRAGMA synchronous={options.Value.Synchronous}; PRAGMA secure_delete=ON";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = pragma;
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = pragma;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

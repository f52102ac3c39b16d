using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Options;

namespace Gateway.Storage.Providers.Sqlite;

/// <summary><c>synchronous</c> belongs to a connection, not to the file: it is set whenever one is opened.</summary>
internal sealed class SqliteConnectionInterceptor(IOptions<SqliteOptions> options) : DbConnectionInterceptor
{
    private readonly string pragma = $"PRAGMA synchronous={options.Value.Synchronous}";

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

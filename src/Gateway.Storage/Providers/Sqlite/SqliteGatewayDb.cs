using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Providers.Sqlite;

/// <summary>The tables in a SQLite file.</summary>
public sealed class SqliteGatewayDb(DbContextOptions<SqliteGatewayDb> options) : GatewayDb(options);

using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Providers.PostgreSql;

/// <summary>The tables in PostgreSQL.</summary>
public sealed class PostgreSqlGatewayDb(DbContextOptions<PostgreSqlGatewayDb> options) : GatewayDb(options);

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Gateway.Storage.Providers.Sqlite;

/// <summary>For <c>dotnet ef migrations</c> alone: a model needs no file.</summary>
internal sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SqliteGatewayDb>
{
    public SqliteGatewayDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteGatewayDb>().UseSqlite("Data Source=design-time.db").Options);
}

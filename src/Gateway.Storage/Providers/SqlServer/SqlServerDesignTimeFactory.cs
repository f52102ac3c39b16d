using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Gateway.Storage.Providers.SqlServer;

/// <summary>For <c>dotnet ef migrations</c> alone: a model needs no server.</summary>
internal sealed class SqlServerDesignTimeFactory : IDesignTimeDbContextFactory<SqlServerGatewayDb>
{
    public SqlServerGatewayDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqlServerGatewayDb>().UseSqlServer("Server=design-time").Options);
}

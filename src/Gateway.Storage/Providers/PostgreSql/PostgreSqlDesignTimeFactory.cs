using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Gateway.Storage.Providers.PostgreSql;

/// <summary>For <c>dotnet ef migrations</c> alone: a model needs no server.</summary>
internal sealed class PostgreSqlDesignTimeFactory : IDesignTimeDbContextFactory<PostgreSqlGatewayDb>
{
    public PostgreSqlGatewayDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgreSqlGatewayDb>().UseNpgsql("Host=design-time").Options);
}

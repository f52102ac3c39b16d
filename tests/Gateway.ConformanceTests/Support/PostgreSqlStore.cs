using Gateway.Storage.Providers.PostgreSql;
using Gateway.Tests.SagaPersistence;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.ConformanceTests.Support;

/// <summary>A database of its own on the PostgreSQL server of the tests.</summary>
internal sealed class PostgreSqlStore(bool withTables = true, string? tablespace = null) : ITestStore, ITicketStore
{
    private readonly string name = PostgreSqlServer.CreateDatabase(withTables, tablespace);

    public string ConnectionString => PostgreSqlServer.ConnectionTo(name);

    public IEnumerable<KeyValuePair<string, string?>> Settings =>
        [new("Storage:Provider", "PostgreSql"), new("Storage:PostgreSql:ConnectionString", ConnectionString)];

    public void Intercept(IServiceCollection services, IInterceptor interceptor) =>
        services.ConfigureDbContext<PostgreSqlGatewayDb>(options => options.AddInterceptors(interceptor));

    public void Use(DbContextOptionsBuilder options) => options.UseNpgsql(ConnectionString);

    public void Create(DbContext db) => db.Database.EnsureCreated();

    public void Dispose() => PostgreSqlServer.DropDatabase(name);
}

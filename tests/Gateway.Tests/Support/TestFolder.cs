using Gateway.Storage.Providers.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Support;

/// <summary>A folder of a test, removed with it; its jobs are in a SQLite file.</summary>
internal sealed class TestFolder : ITestStore
{
    public TestFolder() => Path = Directory.CreateTempSubdirectory("gateway-test-").FullName;

    public string Path { get; }

    public IEnumerable<KeyValuePair<string, string?>> Settings => [new("Storage:Sqlite:File", File("gateway.db"))];

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Intercept(IServiceCollection services, IInterceptor interceptor) =>
        services.ConfigureDbContext<SqliteGatewayDb>(options => options.AddInterceptors(interceptor));

    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = File("gateway.db"), Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        if (!SpinWait.SpinUntil(TryRemove, TimeSpan.FromSeconds(5)))
        {
            Directory.Delete(Path, recursive: true);
        }
    }

    // A runner that is just ending may still put a file into it.
    private bool TryRemove()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
            return true;
        }
        catch (IOException)
        {
            return !Directory.Exists(Path);
        }
    }
}

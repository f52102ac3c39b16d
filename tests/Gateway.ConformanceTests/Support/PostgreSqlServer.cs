using Gateway.Storage.Providers.PostgreSql;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Xunit;

namespace Gateway.ConformanceTests.Support;

/// <summary>
/// The server that <c>build/services</c> has started for the tests (<c>GATEWAY_TEST_POSTGRES</c>), and the databases made on it.
/// Without one its tests are skipped, and fail where everything must run (<c>CI=true</c>).
/// </summary>
internal static class PostgreSqlServer
{
    private static readonly Lazy<string> Migrated = new(Migrate);

    /// <summary>Makes a database; its name.</summary>
    /// <param name="withTables">False: an empty one.</param>
    /// <param name="tablespace">Where its files are; null: with the server's.</param>
    public static string CreateDatabase(bool withTables, string? tablespace = null)
    {
        var name = $"test_{Guid.NewGuid():N}";
        Run($"CREATE DATABASE {name}{(withTables ? $" TEMPLATE {Migrated.Value}" : "")}{(tablespace is null ? "" : $" TABLESPACE {tablespace}")}");
        return name;
    }

    public static void DropDatabase(string name)
    {
        using var connection = new NpgsqlConnection(ConnectionTo(name));
        NpgsqlConnection.ClearPool(connection);
        Run($"DROP DATABASE {name} WITH (FORCE)");
    }

    public static string ConnectionTo(string database) => new NpgsqlConnectionStringBuilder(Server()) { Database = database, MaxPoolSize = 20 }.ConnectionString;

    /// <summary>The folder in which the server keeps its data.</summary>
    public static string DataFolder()
    {
        using var connection = new NpgsqlConnection(Server());
        connection.Open();
        using var command = new NpgsqlCommand("SHOW data_directory", connection);
        return (string)command.ExecuteScalar()!;
    }

    /// <summary>Runs a statement as the superuser.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="database">Connection to the database; null: the server's own.</param>
    public static void Run(string statement, string? database = null)
    {
        using var connection = new NpgsqlConnection(database ?? Server());
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Names are made here, and nobody outside has a word in them.
        command.CommandText = statement;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static string Server()
    {
        var server = Environment.GetEnvironmentVariable("GATEWAY_TEST_POSTGRES");
        if (string.IsNullOrEmpty(server))
        {
            const string Reason = "There is no PostgreSQL: build/services start --postgres starts one, and GATEWAY_TEST_POSTGRES of its services.env names it.";
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", Reason);
            Assert.Skip(Reason);
        }

        return server;
    }

    // The migrations run once; each test gets a copy of the result.
    private static string Migrate()
    {
        var name = $"template_{Guid.NewGuid():N}";
        Run($"CREATE DATABASE {name}");
        var connection = new NpgsqlConnectionStringBuilder(ConnectionTo(name)) { Pooling = false }.ConnectionString;
        using var db = new PostgreSqlGatewayDb(new DbContextOptionsBuilder<PostgreSqlGatewayDb>().UseNpgsql(connection).Options);
        db.Database.Migrate();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Run($"DROP DATABASE {name}");
        return name;
    }
}

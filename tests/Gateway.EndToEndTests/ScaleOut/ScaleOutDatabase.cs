using Gateway.EndToEndTests.Support;
using Npgsql;

namespace Gateway.EndToEndTests.ScaleOut;

/// <summary>A database that the gateways of one test share, on a real PostgreSQL server.</summary>
internal sealed class ScaleOutDatabase
{
    private readonly string _server;
    private readonly string _name;
    private readonly string? _folder;

    private ScaleOutDatabase(string server, string name, string? folder)
    {
        _server = server;
        _name = name;
        _folder = folder;
        var connection = new NpgsqlConnectionStringBuilder(server) { Database = name, MaxPoolSize = 20 }.ConnectionString;
        Settings = [("Storage:Provider", "PostgreSql"), ("Storage:PostgreSql:ConnectionString", connection)];
        Store = new JobStore(() => new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connection) { Pooling = false }.ConnectionString));
    }

    /// <summary>What a gateway is told to use it.</summary>
    public IReadOnlyList<(string Name, string Value)> Settings { get; }

    /// <summary>The same database, read by the test.</summary>
    public JobStore Store { get; }

    /// <summary>Makes one on the server of the whole run, which is started if nobody has; or on a server of one's own in a folder, which may be stopped.</summary>
    public static async Task<ScaleOutDatabase> CreateAsync(string? folder = null)
    {
        var server = folder is null && Environment.GetEnvironmentVariable("GATEWAY_TEST_POSTGRES") is { Length: > 0 } given
            ? given
            : (await Broker.ServicesAsync("start", "--postgres", folder))["GATEWAY_TEST_POSTGRES"];
        var database = new ScaleOutDatabase(server, $"scaleout_{Guid.NewGuid():n}", folder);
        await database.RunAsync($"CREATE DATABASE {database._name}");
        return database;
    }

    /// <summary>Stops a server of one's own: sessions are cut, everything committed is kept.</summary>
    public Task StopServerAsync() => Broker.ServicesAsync("stop", "--postgres", _folder);

    /// <summary>The same server again, on its data.</summary>
    public Task RestartServerAsync() => Broker.ServicesAsync("start", "--postgres", _folder);

    public Task DropAsync() => RunAsync($"DROP DATABASE {_name} WITH (FORCE)");

    private async Task RunAsync(string statement)
    {
        await using var connection = new NpgsqlConnection(_server);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync();
    }
}

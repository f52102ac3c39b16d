using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Npgsql;
using RabbitMQ.Client;

namespace Gateway.Benchmarks.House;

/// <summary>A broker and a database server, with a virtual host and a database of one house's own; and what they count.</summary>
internal sealed class ScaleOutServers : IAsyncDisposable
{
    private const int WorkersConnections = 20;
    private readonly string _server;
    private readonly Uri _amqp;
    private readonly HttpClient _http;
    private readonly string _name = $"bench{Guid.NewGuid():n}";

    private ScaleOutServers(BenchOptions options)
    {
        (_server, _amqp) = (options.Postgres!, new Uri(options.RabbitMq!));
        _http = new HttpClient { BaseAddress = new Uri(options.Management!) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(_amqp.UserInfo)));
        Connection = new NpgsqlConnectionStringBuilder(_server) { Database = _name, MaxPoolSize = WorkersConnections }.ConnectionString;
    }

    /// <summary>Connection string of the house's database.</summary>
    public string Connection { get; }

    /// <summary>How a program reaches the broker.</summary>
    public IReadOnlyList<string> Transport =>
    [
        "--Transport:Kind=RabbitMq", $"--Transport:RabbitMq:Host={_amqp.Host}", $"--Transport:RabbitMq:Port={_amqp.Port}", $"--Transport:RabbitMq:VirtualHost={_name}",
        $"--Transport:RabbitMq:Username={User.Name}", $"--Transport:RabbitMq:Password={User.Password}",
    ];

    private (string Name, string Password) User => (_amqp.UserInfo.Split(':')[0], _amqp.UserInfo.Split(':')[1]);

    public static async Task<ScaleOutServers> CreateAsync(BenchOptions options, CancellationToken cancellationToken)
    {
        var servers = new ScaleOutServers(options);
        await servers.RunAsync(servers._server, $"CREATE DATABASE {servers._name}", cancellationToken);
        using (await servers._http.PutAsJsonAsync($"api/vhosts/{servers._name}", new { }, cancellationToken))
        using (await servers._http.PutAsJsonAsync($"api/permissions/{servers._name}/{servers.User.Name}", new { configure = ".*", write = ".*", read = ".*" }, cancellationToken))
        {
            return servers;
        }
    }

    /// <summary>A connection to the house's virtual host.</summary>
    public Task<IConnection> ConnectAsync(CancellationToken cancellationToken) => new ConnectionFactory
    {
        HostName = _amqp.Host,
        Port = _amqp.Port,
        VirtualHost = _name,
        UserName = User.Name,
        Password = User.Password,
    }.CreateConnectionAsync(cancellationToken);

    /// <summary>Transactions so far that wrote something: each is one commit that the disk has to take.</summary>
    public async Task<long> WritesAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(_server);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint", connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Messages so far that the house gave to the broker, once the broker counts no further: it does so every five seconds.</summary>
    public async Task<long> PublishedAsync(CancellationToken cancellationToken)
    {
        long before;
        var now = -1L;
        do
        {
            before = now;
            await Task.Delay(TimeSpan.FromSeconds(6), TimeProvider.System, cancellationToken);
            var host = await _http.GetFromJsonAsync<JsonElement>($"api/vhosts/{_name}", cancellationToken);
            now = host.TryGetProperty("message_stats", out var stats) && stats.TryGetProperty("publish", out var published) ? published.GetInt64() : 0;
        }
        while (now - before > 5);
        return now;
    }

    /// <summary>Runs a statement in the house's database.</summary>
    public Task RunAsync(string statement, CancellationToken cancellationToken) => RunAsync(Connection, statement, cancellationToken);

    /// <summary>From acceptance to end of jobs, by the database.</summary>
    /// <param name="since">Jobs made from then on, in Unix milliseconds.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<TimeSpan>> JobTimesAsync(long since, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(Connection);
        await connection.OpenAsync(cancellationToken);
        var statement = string.Create(CultureInfo.InvariantCulture, $"""SELECT "FinishedAtMs" - "CreatedAtMs" FROM "Jobs" WHERE "FinishedAtMs" IS NOT NULL AND "CreatedAtMs" >= {since}""");
#pragma warning disable CA2100 // A number and nothing of anybody else's.
        await using var command = new NpgsqlCommand(statement, connection);
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<TimeSpan> times = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            times.Add(TimeSpan.FromMilliseconds(reader.GetInt64(0)));
        }

        return times;
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        using (await _http.DeleteAsync($"api/vhosts/{_name}", CancellationToken.None))
        {
            await RunAsync(_server, $"DROP DATABASE {_name} WITH (FORCE)", CancellationToken.None);
        }

        _http.Dispose();
    }

    private async Task RunAsync(string server, string statement, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync(cancellationToken);
#pragma warning disable CA2100 // Statements of this program alone.
        await using var command = new NpgsqlCommand(statement, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

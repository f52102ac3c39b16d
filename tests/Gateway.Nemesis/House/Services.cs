using System.Diagnostics;
using Npgsql;

namespace Gateway.Nemesis.House;

/// <summary>A RabbitMQ and a PostgreSQL of the run's own, by <c>build/services</c>: they may be killed, and started again on what they kept.</summary>
internal sealed class Services(string folder)
{
    public const string Broker = "rabbitmq";
    public const string Database = "postgres";

    private const string DatabaseName = "nemesis";

    public Uri Amqp { get; private set; } = null!;

    public Uri Management { get; private set; } = null!;

    public string Server { get; private set; } = "";

    /// <summary>Straight to the database, past every proxy.</summary>
    public string ConnectionString => Through(new NpgsqlConnectionStringBuilder(Server).Port);

    public int DatabasePort => new NpgsqlConnectionStringBuilder(Server).Port;

    /// <summary>The database at another port.</summary>
    public string Through(int port) => new NpgsqlConnectionStringBuilder(Server) { Port = port, Database = DatabaseName, MaxPoolSize = 20 }.ConnectionString;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var settings = (await ScriptAsync("start", null, cancellationToken)).Split('\n').Where(l => l.Contains('=', StringComparison.Ordinal))
            .ToDictionary(l => l[..l.IndexOf('=', StringComparison.Ordinal)], l => l[(l.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim('\'', '"'));
        Amqp = new Uri(settings["GATEWAY_TEST_RABBITMQ"]);
        Management = new Uri(settings["GATEWAY_TEST_RABBITMQ_MANAGEMENT"]);
        Server = settings["GATEWAY_TEST_POSTGRES"];
        await using var connection = new NpgsqlConnection(Server);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand($"CREATE DATABASE {DatabaseName}", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>SIGKILL of a server.</summary>
    public Task KillAsync(string service) => ScriptAsync("kill", service, CancellationToken.None);

    /// <summary>The same server again, on its data.</summary>
    public Task RestartAsync(string service) => ScriptAsync("start", service, CancellationToken.None);

    public Task StopAsync() => ScriptAsync("stop", null, CancellationToken.None);

    private async Task<string> ScriptAsync(string command, string? service, CancellationToken cancellationToken)
    {
        string[] arguments = [command, .. service is null ? (string[])[] : [$"--{service}"], "--folder", folder];

        // In a session of its own: a Ctrl-C must not cut a start short, whose servers nobody would then know.
        using var script = Process.Start(new ProcessStartInfo("setsid", ["--wait", ProgramFiles.Services, .. arguments]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("build/services was not started.");
        var output = await script.StandardOutput.ReadToEndAsync(cancellationToken);
        await script.WaitForExitAsync(cancellationToken);
        return script.ExitCode == 0 ? output : throw new ServicesException($"build/services {string.Join(' ', arguments)} ended with {script.ExitCode}.");
    }
}

using System.Text.Json;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.ScaleOut;

/// <summary>Base of specs with many processes: a virtual host and a database of the test's own, gateways and workers on both.</summary>
[Collection("scale-out")]
public abstract class ScaleOutHouse : GatewayHouse
{
    private protected const string RunQueue = "gateway-run-claude";

    private Broker? _broker;
    private ScaleOutDatabase? _database;

    private protected string Vhost { get; } = $"t{Guid.NewGuid():n}";

    private protected Broker Broker => _broker!;

    private protected JobStore Store => _database!.Store;

    /// <summary>How a gateway is told of the database.</summary>
    private protected IReadOnlyList<(string Name, string Value)> Database => _database!.Settings;

    private protected string Log => At("log");

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _broker = await StartBrokerAsync();
        await _broker.CreateVhostAsync(Vhost);
        _database = await ScaleOutDatabase.CreateAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        try
        {
            await base.DisposeAsync();
        }
        finally
        {
            await EndBrokerAsync(Broker);
            await _database!.DropAsync();
            _broker!.Dispose();
        }
    }

    private protected virtual Task<Broker> StartBrokerAsync() => Broker.StartAsync();

    private protected virtual Task EndBrokerAsync(Broker broker) => broker.DeleteVhostAsync(Vhost);

    /// <summary>How a program reaches the broker; as the administrator, unless it is told otherwise.</summary>
    private protected IEnumerable<(string Name, string Value)> Transport(string? user = null, string? password = null) =>
    [
        ("Transport:Kind", "RabbitMq"), ("Transport:RabbitMq:Host", Broker.Amqp.Host), ("Transport:RabbitMq:Port", $"{Broker.Amqp.Port}"),
        ("Transport:RabbitMq:VirtualHost", Vhost), ("Transport:RabbitMq:Username", user ?? Broker.Admin.User), ("Transport:RabbitMq:Password", password ?? Broker.Admin.Password),
    ];

    /// <summary>A gateway that hosts no worker. All have the same keys, as a team's gateways behind one address have.</summary>
    private protected Task<GatewayProcess> StartApiAsync(params (string Name, string Value)[] settings) => StartApiOfAsync(null, settings);

    /// <summary>The same, started by a program that becomes it.</summary>
    private protected async Task<GatewayProcess> StartApiOfAsync(string? program, params (string Name, string Value)[] settings)
    {
        var folder = NextFolder();
        foreach (var (file, text) in new[] { ("api-key", "gwk_" + new string('k', 43)), ("audit-key", "team " + new string('A', 43)) })
        {
            var key = Path.Combine(Directory.CreateDirectory(folder).FullName, file);
            File.WriteAllText(key, text + "\n");
            File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var gateway = await GatewayProcess.StartAsync(folder, Last([.. Transport(), .. _database!.Settings, .. settings]), program);
        Guard(gateway);
        return gateway;
    }

    /// <summary>A worker with the fake agent.</summary>
    private protected async Task<WorkerProcess> StartWorkerAsync(string name, params (string Name, string Value)[] settings)
    {
        var worker = new WorkerProcess(NextFolder(), name, WithCli(BuiltPrograms.FakeAgent, [("Worker:Sandbox", "Process"), .. Transport(), .. settings]));
        Guard(worker);
        await worker.StartAsync();
        return worker;
    }

    /// <summary>The pinned CLIs on the model stub, in place of the fake agent.</summary>
    private protected (string Name, string Value)[] RealClis(ModelStubProcess stub) =>
    [
        ("Claude:Program", BuiltPrograms.Claude), ("Claude:BaseUrl", stub.Url),
        ("Codex:Program", BuiltPrograms.Codex), ("Codex:BaseUrl", $"{stub.Url}/v1"), ("Credentials:codex:Kind", "api_key"), ("Credentials:codex:File", KeyFile()),
        ("Gemini:Program", BuiltPrograms.Gemini), ("Gemini:BaseUrl", stub.Url), ("Credentials:gemini:Kind", "api_key"), ("Credentials:gemini:File", KeyFile()),
    ];

    /// <summary>Asks the operator's tool about messages that nobody could take.</summary>
    private protected static Task<(int ExitCode, string Output)> DlqAsync(GatewayProcess api, params string[] arguments) =>
        GatewayProcess.RunToEndAsync(BuiltPrograms.Cli, ["dlq", .. arguments, "--data-folder", api.Data]);

    /// <summary>The figure that the management pages show of a queue, 0 while they show none.</summary>
    private protected async Task<long> FigureAsync(string queue, string figure) =>
        await Broker.QueueAsync(Vhost, queue) is { } shown && shown.TryGetProperty(figure, out var number) && number.ValueKind == JsonValueKind.Number ? number.GetInt64() : 0;

    /// <summary>At rest: nothing under way, nothing set aside.</summary>
    private protected Task NothingIsSetAsideAsync() => NothingIsSetAsideAsync(Broker);

    /// <summary>The same, on another broker.</summary>
    private protected async Task NothingIsSetAsideAsync(Broker broker)
    {
        foreach (var queue in (await broker.QueuesAsync(Vhost)).Where(q => q.EndsWith("_error", StringComparison.Ordinal) || q.EndsWith("_skipped", StringComparison.Ordinal)))
        {
            Assert.True((await broker.PeekAsync(Vhost, queue)) is [], $"{queue} holds {string.Join("\n", (await broker.PeekAsync(Vhost, queue)).Select(message => message.GetProperty("properties").GetRawText()))}");
        }
    }

    private static IEnumerable<(string Name, string Value)> Last(IEnumerable<(string Name, string Value)> settings) => settings.GroupBy(s => s.Name).Select(s => s.Last());
}

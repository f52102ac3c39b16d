using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Nemesis.House;

/// <summary>Two gateways and three workers on a broker and a database of their own, each process with a proxy between it and each server.</summary>
internal sealed class NemesisHouse : IAsyncDisposable
{
    /// <summary>What the processes are told, so that faults beyond a lease take seconds.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(12);

    private const int Apis = 2;
    private const int Workers = 3;

    private static readonly (string Name, string Value)[] ShortTimes =
    [
        ("Leases:Duration", "00:00:12"), ("Leases:SweepInterval", "00:00:00.5"), ("Worker:HeartbeatInterval", "00:00:01"), ("Worker:RunnerMargin", "00:00:03"), ("Worker:KillBound", "00:00:02"),
        ("Worker:CancelGrace", "00:00:01"), ("Worker:CleanUpInterval", "00:00:20"), ("Transport:RabbitMq:Heartbeat", "00:00:03"), ("Dispatch:WorkerSilence", "00:00:04"),
        ("Jobs:DedupWindow", "00:00:00"),
    ];

    private readonly CancellationTokenSource _stopping = new();
    private readonly string _key = "gwk_" + new string('k', 43);

    public NemesisHouse(string folder)
    {
        Folder = folder;
        Logs = Directory.CreateDirectory(Path.Combine(folder, "logs")).FullName;
        Services = new Services(Path.Combine(folder, "servers"));
    }

    public string Folder { get; }

    public string Logs { get; }

    public string Key => _key;

    public string AgentLog => Path.Combine(Folder, "agents.log");

    public Services Services { get; }

    public Timeline Timeline { get; } = new();

    public Database Database { get; private set; } = null!;

    public BrokerPages Pages { get; private set; } = null!;

    public List<HostProgram> ApiPrograms { get; } = [];

    public List<Uri> ApiUrls { get; } = [];

    public List<HostProgram> WorkerPrograms { get; } = [];

    public Dictionary<string, FaultProxy> BrokerProxies { get; } = [];

    public Dictionary<string, FaultProxy> DatabaseProxies { get; } = [];

    public IEnumerable<HostProgram> Programs => ApiPrograms.Concat(WorkerPrograms);

    public string CopyOf(string key, int attempt) => Path.Combine(Folder, "copies", string.Create(CultureInfo.InvariantCulture, $"{key}.{attempt}"));

    /// <summary>Starts servers, then gateways, then workers.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.Combine(Folder, "copies"));
        await Services.StartAsync(cancellationToken);
        Database = new Database(Services.ConnectionString);
        Pages = new BrokerPages(Services.Management, Services.Amqp.UserInfo);
        for (var i = 1; i <= Apis; i++)
        {
            AddApi($"api{i}");
        }

        for (var i = 1; i <= Workers; i++)
        {
            AddWorker($"w{i}");
        }

        // One after the other: the first brings the database up to date.
        foreach (var program in Programs)
        {
            program.Keep(_stopping.Token);
            if (!await program.ReadyAsync(TimeSpan.FromSeconds(90), cancellationToken))
            {
                throw new InvalidOperationException($"{program.Name} did not start. Its log:\n{string.Join('\n', File.ReadAllLines(program.LogFile).TakeLast(40))}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var proxy in BrokerProxies.Values.Concat(DatabaseProxies.Values))
        {
            proxy.Heal();
        }

        // All at once: each takes a moment to hand on what it has. The servers last.
        await Task.WhenAll(Programs.Select(p => p.DisposeAsync().AsTask()));
        foreach (var (pid, _) in ProcessTable.Runs(Folder))
        {
            ProcessTable.Signal(pid, ProcessTable.Kill);
        }

        foreach (var proxy in BrokerProxies.Values.Concat(DatabaseProxies.Values))
        {
            await proxy.DisposeAsync();
        }

        Pages?.Dispose();
        await Services.StopAsync();
        _stopping.Dispose();
    }

    private void AddApi(string name)
    {
        var data = Directory.CreateDirectory(Path.Combine(Folder, name)).FullName;
        foreach (var (file, text) in new[] { ("api-key", Key), ("audit-key", "nemesis " + new string('A', 43)) })
        {
            var key = Path.Combine(data, file);
            File.WriteAllText(key, text + "\n");
            File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var database = DatabaseProxies[name] = new FaultProxy($"{name}-database", Services.DatabasePort);
        var url = $"http://127.0.0.1:{FreePort()}";
        ApiUrls.Add(new Uri(url));
        ApiPrograms.Add(Program(name, ProgramFiles.Api, data, "Gateway listens at ", ["--urls", url], [("Storage:Provider", "PostgreSql"), ("Storage:PostgreSql:ConnectionString", Services.Through(database.Port))]));
    }

    private void AddWorker(string name)
    {
        var data = Directory.CreateDirectory(Path.Combine(Folder, name)).FullName;
        var key = Path.Combine(Folder, "key");
        File.WriteAllText(key, "simulated\n");
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (string, string)[] settings =
        [
            ("Worker:Name", name), ("Worker:Slots", "4"), ("Worker:Sandbox", "Process"), ("Claude:Program", ProgramFiles.FakeAgent), ("Claude:MaxRetries", "0"),
            ("Credentials:default:Kind", "api_key"), ("Credentials:default:File", key),
        ];
        WorkerPrograms.Add(Program(name, ProgramFiles.Worker, data, "Gateway worker ", [], settings));
    }

    private HostProgram Program(string name, string program, string data, string readyLine, string[] arguments, (string Name, string Value)[] settings)
    {
        var broker = BrokerProxies[name] = new FaultProxy($"{name}-broker", Services.Amqp.Port);
        var user = Services.Amqp.UserInfo.Split(':');
        (string Name, string Value)[] transport =
        [
            ("Transport:Kind", "RabbitMq"), ("Transport:RabbitMq:Host", "127.0.0.1"), ("Transport:RabbitMq:Port", broker.Port.ToString(CultureInfo.InvariantCulture)),
            ("Transport:RabbitMq:Username", user[0]), ("Transport:RabbitMq:Password", user[1]), ("Data:Folder", data),
        ];
        return new HostProgram(name, program, data, readyLine, Path.Combine(Logs, $"{name}.log"), [.. arguments, .. transport.Concat(ShortTimes).Concat(settings).Select(s => $"--{s.Name}={s.Value}")]);
    }

    // Kept over restarts, so below the range from which the kernel takes the ports of clients.
    private static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                continue;
            }
        }
    }
}

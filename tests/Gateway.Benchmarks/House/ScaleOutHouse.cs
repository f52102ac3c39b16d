using System.Globalization;

namespace Gateway.Benchmarks.House;

/// <summary>One API and some workers behind a broker, on a database of their own. Gone with all its processes when disposed.</summary>
internal sealed class ScaleOutHouse : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gwb-").FullName;
    private readonly List<HostProcess> _workers = [];
    private HostProcess? _api;

    private ScaleOutHouse(ScaleOutServers servers) => Servers = servers;

    public ScaleOutServers Servers { get; }

    public HostProcess Api => _api!;

    /// <summary>Processor time of all workers with their runners, without the CLIs.</summary>
    public TimeSpan WorkersCpu => TimeSpan.FromTicks(_workers.Sum(worker => ProcessFigures.Cpu(worker.Id).Ticks) + Runners().Sum(runner => ProcessFigures.Cpu(runner).Ticks));

    public static async Task<ScaleOutHouse> StartAsync(BenchOptions options, int workers, CancellationToken cancellationToken)
    {
        var house = new ScaleOutHouse(await ScaleOutServers.CreateAsync(options, cancellationToken));
        try
        {
            await house.StartAsync(workers, options.Settings, cancellationToken);
            return house;
        }
        catch
        {
            await house.DisposeAsync();
            throw;
        }
    }

    /// <summary>A new client with connections of its own.</summary>
    public Caller Caller() => new(Api.Ready[(Api.Ready.LastIndexOf(' ') + 1)..], File.ReadAllText(Path.Combine(_folder, "api", "api-key")).Trim());

    public async ValueTask DisposeAsync()
    {
        int[] runners = [.. Runners()];
        foreach (var host in (HostProcess[])[.. _workers, .. _api is null ? (HostProcess[])[] : [_api]])
        {
            await host.DisposeAsync();
        }

        foreach (var id in (int[])[.. runners, .. runners.SelectMany(ProcessFigures.Descendants)])
        {
            GatewayHouse.Kill(id);
        }

        await Servers.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync(int workers, IReadOnlyList<string> settings, CancellationToken cancellationToken)
    {
        var key = Path.Combine(_folder, "key");
        await File.WriteAllTextAsync(key, "simulated\n", cancellationToken);
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _api = await HostProcess.StartAsync(
            ProgramFiles.Gateway,
            [
                "--urls", "http://127.0.0.1:0", $"--Data:Folder={Path.Combine(_folder, "api")}", "--Storage:Provider=PostgreSql",
                $"--Storage:PostgreSql:ConnectionString={Servers.Connection}", "--Jobs:MaxQueued=1000000", .. Servers.Transport, .. settings,
            ],
            "Gateway listens at ",
            Path.Combine(_folder, "api.log"),
            cancellationToken);
        for (var i = 1; i <= workers; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"w{i}");
            _workers.Add(await HostProcess.StartAsync(
                ProgramFiles.Worker,
                [
                    $"--Data:Folder={Path.Combine(_folder, name)}", $"--Worker:Name={name}", "--Worker:Sandbox=None", $"--Claude:Program={ProgramFiles.FakeClaude}",
                    "--Credentials:default:Kind=api_key", $"--Credentials:default:File={key}", .. Servers.Transport, .. settings,
                ],
                "Gateway worker ",
                Path.Combine(_folder, $"{name}.log"),
                cancellationToken));
        }
    }

    private IEnumerable<int> Runners() => Directory.EnumerateDirectories(_folder, "w*")
        .Select(worker => Path.Combine(worker, "worker", "runner", "runner.pid"))
        .Where(File.Exists)
        .Select(file => int.Parse(File.ReadAllText(file), NumberStyles.Integer, CultureInfo.InvariantCulture));
}

using System.Text;
using Gateway.Processes.Launching;
using Gateway.Processes.Runner;
using Gateway.Processes.Sandbox;
using Gateway.Processes.Spool;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Processes;

/// <summary>A real runner in a folder of its own, ended by its process id afterwards.</summary>
internal sealed class RunnerHouse : IAsyncDisposable
{
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));
    private readonly HashSet<int> _runners = [];
    private readonly List<RunnerClient> _clients = [];

    public RunnerHouse(string? containment = null, TimeSpan? idleExit = null)
    {
        Folder = Directory.CreateTempSubdirectory("gw").FullName;
        Work = Directory.CreateDirectory(Path.Combine(Folder, "work")).FullName;
        Options = new RunnerOptions
        {
            Folder = Path.Combine(Folder, "r"),
            ProgramPath = ProgramPath,
            IdleExit = idleExit ?? TimeSpan.FromSeconds(5),
            Containment = containment,
        };
    }

    /// <summary>Every containment that this machine has.</summary>
    public static IReadOnlyList<string> Containments { get; } =
        [.. new ContainmentProbe(new Launcher(noNewPrivileges: false)).All().Select(containment => containment.Word)];

    /// <summary>The runner in its own build folder; the copy beside the tests lacks the packages that the web framework brings them.</summary>
    public static string ProgramPath { get; } = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Gateway.Runner", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "Gateway.Runner"));

    public string Folder { get; }

    public string Work { get; }

    public RunnerOptions Options { get; }

    public CancellationToken Limit => _limit.Token;

    public static SandboxMode ModeFor(string containment) => containment == "sweep" ? SandboxMode.None : SandboxMode.Process;

    public async Task<RunnerClient> AttachAsync()
    {
        var client = await RunnerClient.AttachAsync(Options, TimeProvider.System, NullLogger.Instance, Limit);
        lock (_clients)
        {
            _runners.Add(client.Info.ProcessId);
            _clients.Add(client);
        }

        return client;
    }

    public StartRun Shell(string script, SandboxMode mode = SandboxMode.None) => new()
    {
        Id = new RunId(Guid.NewGuid(), 1),
        Program = "/bin/sh",
        Arguments = ["-c", script],
        Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" },
        WorkingDirectory = Work,
        Deadline = TimeSpan.FromMinutes(1),
        StopGrace = TimeSpan.FromMilliseconds(300),
        Sandbox = new RunSandbox { Mode = mode, WritablePaths = [Work] },
    };

    public async Task<RunEnd> EndOfAsync(SpooledRun run)
    {
        await run.WaitForChangeAsync(long.MaxValue, long.MaxValue, Limit);
        while (run.End is null)
        {
            await run.WaitForChangeAsync(long.MaxValue, long.MaxValue, Limit);
        }

        return run.End;
    }

    public async Task<(RunEnd End, string Stdout, string Stderr)> RunAsync(RunnerClient client, StartRun start)
    {
        var run = await client.StartAsync(start, Limit);
        var end = await EndOfAsync(run);
        return (end, Encoding.UTF8.GetString(await ReadAsync(run, SpoolStream.Stdout)), Encoding.UTF8.GetString(await ReadAsync(run, SpoolStream.Stderr)));
    }

    /// <summary>Waits until the run has said this many bytes on stdout.</summary>
    public Task SaidAsync(SpooledRun run, int bytes) => run.WaitForChangeAsync(bytes - 1, long.MaxValue, Limit);

    public async Task<byte[]> ReadAsync(SpooledRun run, SpoolStream stream)
    {
        var bytes = new byte[stream == SpoolStream.Stdout ? run.StdoutLength : run.StderrLength];
        await using var file = run.OpenRead(stream);
        await file.ReadExactlyAsync(bytes, Limit);
        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        foreach (var pid in _runners)
        {
            ProcessTable.Kill(pid, "SIGTERM");
            await ProcessTable.GoneAsync(pid, Limit);
        }

        Directory.Delete(Folder, recursive: true);
        _limit.Dispose();
    }
}

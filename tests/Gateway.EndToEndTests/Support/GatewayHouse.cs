using System.Globalization;
using Gateway.EndToEndTests.Doubles;
using Xunit;

namespace Gateway.EndToEndTests.Support;

/// <summary>
/// Base of specs that run gateways: gives folders, starts gateways with the fake agent, and in the end stops them by id,
/// sees that no process of their runs is left, and shows their logs when the test has failed.
/// </summary>
public abstract class GatewayHouse : IAsyncLifetime
{
    private const int ShownLogLines = 150;

    private readonly List<ProgramProcess> _programs = [];

    // A socket lies in the data folder, so its path has to be short.
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gw");

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Timers that make a lost lease a matter of seconds.</summary>
    private protected static (string Name, string Value)[] ShortLeases =>
    [
        ("Leases:Duration", "00:00:08"), ("Leases:SweepInterval", "00:00:00.5"), ("Worker:HeartbeatInterval", "00:00:01"), ("Worker:RunnerMargin", "00:00:03"), ("Worker:KillBound", "00:00:02"),
    ];

    /// <summary>Programs that the test did not start, but whose logs tell of it.</summary>
    private protected virtual IEnumerable<ProgramProcess> Shared => [];

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        List<string> left = [];
        foreach (var program in Enumerable.Reverse(_programs))
        {
            left.AddRange(await program.EndAsync());
        }

        if (left.Count > 0 || TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            ShowLogs();
        }

        _folder.Delete(recursive: true);
        Assert.True(left.Count == 0, $"Processes of runs were left alive: {string.Join('\n', left)}");
    }

    /// <summary>A path of this test's own.</summary>
    private protected string At(string name) => Path.Combine(_folder.FullName, name);

    private protected static void Tell(FormattableString text) => TestContext.Current.TestOutputHelper?.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    /// <summary>A gateway with the fake agent, which sees all files and has a process namespace of its own where the machine gives one.</summary>
    private protected Task<GatewayProcess> StartAsync(params (string Name, string Value)[] settings) =>
        StartWithAsync(BuiltPrograms.FakeAgent, [("Worker:Sandbox", "Process"), .. settings]);

    /// <summary>A gateway with the given CLI; a setting that is given wins.</summary>
    private protected async Task<GatewayProcess> StartWithAsync(string program, params (string Name, string Value)[] settings)
    {
        var gateway = await GatewayProcess.StartAsync(NextFolder(), [.. WithCli(program, settings)]);
        _programs.Add(gateway);
        return gateway;
    }

    /// <summary>What a host needs to start the given CLI; a setting that is given wins.</summary>
    private protected IEnumerable<(string Name, string Value)> WithCli(string program, params IEnumerable<(string Name, string Value)> settings)
    {
        (string Name, string Value)[] all = [("Claude:Program", program), ("Worker:LooksAtClis", "false"), ("Claude:MaxRetries", "0"), ("Credentials:default:Kind", "api_key"), ("Credentials:default:File", KeyFile()), .. settings];
        return all.GroupBy(s => s.Name).Select(s => s.Last());
    }

    /// <summary>A data folder for another program.</summary>
    private protected string NextFolder() => At($"d{_programs.Count}");

    private protected void Guard(ProgramProcess program) => _programs.Add(program);

    private protected string KeyFile(string text = CliHome.Key)
    {
        var file = At("key");
        File.WriteAllText(file, text + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }

    private void ShowLogs()
    {
        foreach (var gateway in _programs.Concat(Shared))
        {
            Tell($"==== log of the program on {gateway.Data}, last {ShownLogLines} lines");
            Tell($"{string.Join('\n', gateway.Log.Split('\n').TakeLast(ShownLogLines))}");
            var runner = Path.Combine(gateway.Data, "worker", "runner", "runner.log");
            Tell($"==== log of its runner\n{string.Join('\n', Wait.LinesOf(runner).TakeLast(ShownLogLines))}");
        }
    }
}

using System.Diagnostics;
using System.Globalization;

namespace Gateway.Benchmarks.House;

/// <summary>A data folder, the gateway that works in it and its runner. Gone, with all its processes, when disposed.</summary>
internal sealed class GatewayHouse : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly string _program;
    private readonly string _folder;
    private readonly string[] _settings;
    private Process? _gateway;

    private GatewayHouse(string program, string folder, string[] settings, Signals signals)
    {
        (_program, _folder, _settings, Signals) = (program, folder, settings, signals);
    }

    public Signals Signals { get; }

    public string Url { get; private set; } = "";

    public int GatewayId => _gateway?.Id ?? throw new InvalidOperationException("The gateway does not run.");

    /// <summary>The runner's id; null before it is there.</summary>
    public int? RunnerId =>
        int.TryParse(ReadOrEmpty(Path.Combine(_folder, "data", "worker", "runner", "runner.pid")), CultureInfo.InvariantCulture, out var id) ? id : null;

    /// <summary>Makes the folder; nothing is started yet.</summary>
    public static async Task<GatewayHouse> BuildAsync(bool sandboxed, bool signalling, IEnumerable<string> settings, CancellationToken cancellationToken, string? program = null)
    {
        var folder = Directory.CreateTempSubdirectory("gwb-").FullName;
        var cli = Directory.CreateDirectory(Path.Combine(folder, "cli")).FullName;
        var claude = Path.Combine(cli, "claude");
        var source = await File.ReadAllTextAsync(signalling ? ProgramFiles.SignalClaude : ProgramFiles.FakeClaude, cancellationToken);
        await File.WriteAllTextAsync(claude, source.Replace("@FOLDER@", cli, StringComparison.Ordinal), cancellationToken);
        File.SetUnixFileMode(claude, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var key = Path.Combine(folder, "key");
        await File.WriteAllTextAsync(key, "simulated\n", cancellationToken);
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string[] all =
        [
            "--urls", "http://127.0.0.1:0",
            $"--Data:Folder={Path.Combine(folder, "data")}",
            $"--Claude:Program={claude}",
            "--Credentials:default:Kind=api_key",
            $"--Credentials:default:File={key}",
            $"--Worker:Sandbox={(sandboxed ? "Workspace" : "None")}",
            $"--Worker:SandboxReadOnlyPaths:0={cli}",
            .. settings,
        ];
        return new GatewayHouse(program ?? ProgramFiles.Gateway, folder, all, await Signals.OpenAsync(Path.Combine(cli, "signals"), cancellationToken));
    }

    /// <summary>The same, started.</summary>
    public static async Task<GatewayHouse> StartNewAsync(bool sandboxed, bool signalling, IEnumerable<string> settings, CancellationToken cancellationToken, string? program = null)
    {
        var house = await BuildAsync(sandboxed, signalling, settings, cancellationToken, program);
        try
        {
            await house.StartAsync(cancellationToken);
            return house;
        }
        catch
        {
            await house.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the gateway and waits until it says that it listens.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartLimit);
        var start = new ProcessStartInfo(_program, _settings) { RedirectStandardOutput = true, RedirectStandardError = true };
        _gateway = Process.Start(start) ?? throw new InvalidOperationException("The gateway was not started.");
        var errors = File.AppendText(Path.Combine(_folder, "gateway.log"));
        _gateway.ErrorDataReceived += (_, line) =>
        {
            lock (errors)
            {
                errors.WriteLine(line.Data);
                errors.Flush();
            }
        };
        _gateway.BeginErrorReadLine();
        while (await _gateway.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith("Gateway listens at ", StringComparison.Ordinal))
            {
                Url = line[(line.LastIndexOf(' ') + 1)..];
                return;
            }
        }

        throw new InvalidOperationException($"The gateway did not start: {LogTail()}");
    }

    /// <summary>A new client with connections of its own.</summary>
    public Caller Caller() => new(Url, File.ReadAllText(Path.Combine(_folder, "data", "api-key")).Trim());

    /// <summary>Writes what the prompt <c>flood</c> prints again and again: a megabyte of whole lines, as the CLI would write them.</summary>
    public void WriteMegabyte(int lineBytes)
    {
        var (head, tail) = ("""{"type":"assistant","message":{"id":"m","type":"message","role":"assistant","model":"x","content":[{"type":"text","text":" """, """ "}],"usage":{}},"session_id":"s"}""");
        var line = head + new string('x', lineBytes - head.Length - tail.Length - 1) + tail + "\n";
        File.WriteAllText(Path.Combine(_folder, "cli", "megabyte"), string.Concat(Enumerable.Repeat(line, 1_000_000 / line.Length)));
    }

    /// <summary>kill -9 of the gateway alone.</summary>
    public async Task KillGatewayAsync()
    {
        if (_gateway is { } gateway)
        {
            gateway.Kill();
            await gateway.WaitForExitAsync(CancellationToken.None);
            gateway.Dispose();
            _gateway = null;
        }
    }

    /// <summary>kill -9 of gateway, runner and everything below them.</summary>
    public async Task KillAllAsync()
    {
        var runner = RunnerId is { } id && IsRunnerOfThisFolder(id) ? id : (int?)null;
        int[] all = runner is { } root ? [root, .. ProcessFigures.Descendants(root)] : [];
        await KillGatewayAsync();
        foreach (var one in all)
        {
            Kill(one);
        }

        while (all.Any(ProcessFigures.IsAlive))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }
    }

    public string LogTail() => string.Join('\n', ReadOrEmpty(Path.Combine(_folder, "gateway.log")).Split('\n').TakeLast(12));

    public async ValueTask DisposeAsync()
    {
        await KillAllAsync();
        Signals.Dispose();
        for (var tries = 0; tries < 20 && Directory.Exists(_folder); tries++)
        {
            try
            {
                Directory.Delete(_folder, recursive: true);
            }
            catch (IOException)
            {
                // A process that was just killed may still hold a file.
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }
    }

    // The number may belong to another program by now.
    private bool IsRunnerOfThisFolder(int id) => ReadOrEmpty($"/proc/{id}/cmdline").Contains(_folder, StringComparison.Ordinal);

    /// <summary>kill -9, if it is still there.</summary>
    public static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            // Ended by itself.
        }
    }

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }
}

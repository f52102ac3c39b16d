using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Gateway.EndToEndTests.Doubles;
using Xunit;

namespace Gateway.EndToEndTests.Support;

/// <summary>A gateway as a process on a data folder of its own; it may be killed, frozen, stopped and started again on the same data.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _log = new();
    private readonly List<string> _arguments;
    private Process? _process;
    private string _url = "";

    private GatewayProcess(string data, IEnumerable<(string Name, string Value)> settings)
    {
        Data = data;
        _arguments = ["--urls", "http://127.0.0.1:0", "--Data:Folder", data, .. settings.SelectMany(s => (string[])[$"--{s.Name}", s.Value])];
        Client = new McpCaller(() => new Uri(_url), () => Key);
    }

    public string Data { get; }

    public Uri Url => new(_url);

    public string Key => File.ReadAllText(Path.Combine(Data, "api-key")).Trim();

    public McpCaller Client { get; }

    public JobStore Store => new(Path.Combine(Data, "gateway.db"));

    public int Id => _process?.Id ?? 0;

    /// <summary>Id of the runner, 0 when none is there.</summary>
    public int RunnerId =>
        File.Exists(RunnerIdFile) && int.TryParse(File.ReadAllText(RunnerIdFile), NumberStyles.None | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var id) && ProcessTable.IsAlive(id) ? id : 0;

    /// <summary>Everything the gateway printed, all its lives.</summary>
    public string Log => string.Join('\n', _log);

    private string RunnerIdFile => Path.Combine(Data, "worker", "runner", "runner.pid");

    /// <summary>Starts a gateway and waits until it listens.</summary>
    public static async Task<GatewayProcess> StartAsync(string data, IEnumerable<(string Name, string Value)> settings)
    {
        var gateway = new GatewayProcess(data, settings);
        await gateway.StartAsync();
        return gateway;
    }

    /// <summary>Starts a gateway that is expected to end by itself.</summary>
    public static async Task<(int ExitCode, string Output)> RunToEndAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(BuiltPrograms.Gateway, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Wait.Long);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            Assert.Fail($"The gateway did not end. {await errors}");
        }

        return (process.ExitCode, await output + await errors);
    }

    /// <summary>Starts it, also again on the same data.</summary>
    public async Task StartAsync()
    {
        var listening = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = new ProcessStartInfo(BuiltPrograms.Gateway, _arguments) { RedirectStandardOutput = true, RedirectStandardError = true }, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Take(line.Data, listening);
        process.ErrorDataReceived += (_, line) => Take(line.Data, null);
        process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException("The gateway ended before it listened."));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        try
        {
            _url = await listening.Task.WaitAsync(Wait.Long, TimeProvider.System, TestContext.Current.CancellationToken);
        }
        catch (Exception fault)
        {
            await process.WaitForExitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System).ContinueWith(_ => { }, TaskScheduler.Default);
            throw new InvalidOperationException($"The gateway did not start. Its log:\n{Log}", fault);
        }
    }

    /// <summary>SIGKILL of the gateway alone.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await EndedAsync();
    }

    /// <summary>SIGKILL of the gateway and its runner, as if the machine were gone.</summary>
    public async Task KillWithRunnerAsync()
    {
        var runner = RunnerId;
        _process!.Kill();
        if (runner != 0)
        {
            await ProcessTable.KillAsync(runner);
        }

        await EndedAsync();
    }

    /// <summary>SIGTERM; its exit code.</summary>
    public async Task<int> StopAsync()
    {
        await ProcessTable.SignalAsync(Id, "TERM");
        return await EndedAsync();
    }

    public Task FreezeAsync() => ProcessTable.SignalAsync(Id, "STOP");

    public Task ThawAsync() => ProcessTable.SignalAsync(Id, "CONT");

    /// <summary>Ends the gateway and its runner by their ids. Answers what of its runs was still alive.</summary>
    public async Task<IReadOnlyList<string>> EndAsync()
    {
        if (_process is { } process)
        {
            if (!process.HasExited)
            {
                await ThawAsync();
                await ProcessTable.SignalAsync(process.Id, "TERM");
                await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System));
                if (!process.HasExited)
                {
                    process.Kill();
                    await process.WaitForExitAsync();
                }
            }

            process.Dispose();
            _process = null;
        }

        var runner = RunnerId;
        if (runner != 0)
        {
            await ProcessTable.SignalAsync(runner, "TERM");
            await EndsOrIsKilledAsync(runner);
        }

        Client.Dispose();
        await SettlesAsync(() => ProcessTable.RunsBelow(Data).Count == 0, TimeSpan.FromSeconds(10));
        return ProcessTable.RunsBelow(Data);
    }

    public async ValueTask DisposeAsync() => await EndAsync();

    private static async Task EndsOrIsKilledAsync(int pid)
    {
        if (!await SettlesAsync(() => !ProcessTable.IsAlive(pid), TimeSpan.FromSeconds(15)))
        {
            await ProcessTable.SignalAsync(pid, "KILL");
        }
    }

    private static async Task<bool> SettlesAsync(Func<bool> condition, TimeSpan atMost)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > atMost)
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        return true;
    }

    private async Task<int> EndedAsync()
    {
        await _process!.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Wait.Long, TimeProvider.System);
        var code = _process.ExitCode;
        _log.Enqueue($"---- ended with {code}");
        _process.Dispose();
        _process = null;
        return code;
    }

    private void Take(string? line, TaskCompletionSource<string>? listening)
    {
        if (line is null)
        {
            return;
        }

        _log.Enqueue(line.Contains("API key", StringComparison.Ordinal) ? "API key …" : line);
        if (line.StartsWith("Gateway listens at ", StringComparison.Ordinal))
        {
            listening?.TrySetResult(line.Split(' ')[^1]);
        }
    }
}

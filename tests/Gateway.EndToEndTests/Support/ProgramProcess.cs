using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Gateway.EndToEndTests.Support;

/// <summary>A program under test on a data folder of its own; it may be killed, frozen, stopped and started again on the same data.</summary>
internal abstract class ProgramProcess(string program, string data, string readyLine, IEnumerable<string> arguments) : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _log = new();
    private readonly List<string> _arguments = [.. arguments];
    private Process? _process;

    public string Data { get; } = data;

    public int Id => _process?.Id ?? 0;

    /// <summary>Id of the runner, 0 when none is there.</summary>
    public int RunnerId =>
        File.Exists(RunnerIdFile) && int.TryParse(File.ReadAllText(RunnerIdFile), NumberStyles.None | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var id) && ProcessTable.IsAlive(id) ? id : 0;

    /// <summary>Everything it printed, all its lives.</summary>
    public string Log => string.Join('\n', _log);

    private string RunnerIdFile => Path.Combine(Data, "worker", "runner", "runner.pid");

    /// <summary>Starts it, also again on the same data, and waits until it is ready.</summary>
    public async Task StartAsync()
    {
        var ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = ProgramStart.Of(program, _arguments), EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Take(line.Data, ready);
        process.ErrorDataReceived += (_, line) => Take(line.Data, null);
        process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException("The program ended before it was ready."));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        try
        {
            IsReady(await ready.Task.WaitAsync(Wait.Long, TimeProvider.System, TestContext.Current.CancellationToken));
        }
        catch (Exception fault)
        {
            await process.WaitForExitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System).ContinueWith(_ => { }, TaskScheduler.Default);
            throw new InvalidOperationException($"The program did not start. Its log:\n{Log}", fault);
        }
    }

    /// <summary>SIGKILL of the program alone.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await EndedAsync();
    }

    /// <summary>SIGKILL of the program and its runner, as if the machine were gone.</summary>
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

    /// <summary>Ends the program and its runner by their ids. Answers what of its runs was still alive.</summary>
    public virtual async Task<IReadOnlyList<string>> EndAsync()
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

        await SettlesAsync(() => ProcessTable.RunsBelow(Data).Count == 0, TimeSpan.FromSeconds(10));
        return ProcessTable.RunsBelow(Data);
    }

    public async ValueTask DisposeAsync() => await EndAsync();

    /// <summary>It has printed its line.</summary>
    protected virtual void IsReady(string line)
    {
    }

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

    private void Take(string? line, TaskCompletionSource<string>? ready)
    {
        if (line is null)
        {
            return;
        }

        _log.Enqueue(line.Contains("API key", StringComparison.Ordinal) ? "API key …" : line);
        if (line.StartsWith(readyLine, StringComparison.Ordinal))
        {
            ready?.TrySetResult(line);
        }
    }
}

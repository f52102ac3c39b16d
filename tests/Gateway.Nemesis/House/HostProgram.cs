using System.Diagnostics;
using System.Globalization;

namespace Gateway.Nemesis.House;

/// <summary>
/// A gateway or worker as a process on a data folder of its own. While it is wanted it is started again whenever it has
/// ended, as a service manager does; faults say when it is not wanted.
/// </summary>
internal sealed class HostProgram(string name, string program, string data, string readyLine, string logFile, IReadOnlyList<string> arguments) : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Lock _log = new();
    private readonly SemaphoreSlim _changed = new(0);
    private volatile Process? _process;
    private volatile bool _wanted;
    private volatile bool _ready;
    private volatile bool _frozen;
    private Task _keeper = Task.CompletedTask;

    public string Name { get; } = name;

    public string Data { get; } = data;

    public string LogFile { get; } = logFile;

    /// <summary>Wanted and not ready for reasons of its own counts as a start that failed.</summary>
    public int FailedStarts { get; private set; }

    public int Starts { get; private set; }

    /// <summary>Counts up with each life and each freeze: a look that saw the same number before and after saw one undisturbed life.</summary>
    public int Disturbances { get; private set; }

    public bool IsReady => _ready;

    public bool IsUndisturbed => _ready && !_frozen;

    public int Id => _process?.Id ?? 0;

    /// <summary>Id of its runner, 0 when none is there; by the id that it left, if that is still a runner of this folder.</summary>
    public int RunnerId
    {
        get
        {
            try
            {
                var id = int.Parse(File.ReadAllText(Path.Combine(Data, "worker", "runner", "runner.pid")), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
                return ProcessTable.IsAlive(id) && ProcessTable.CommandOf(id).Contains(Data, StringComparison.Ordinal) ? id : 0;
            }
            catch (Exception none) when (none is IOException or FormatException)
            {
                return 0;
            }
        }
    }

    /// <summary>Begins to keep it running.</summary>
    public void Keep(CancellationToken cancellationToken)
    {
        _wanted = true;
        _keeper = Task.Run(() => KeepAsync(cancellationToken), CancellationToken.None);
    }

    public Task<bool> ReadyAsync(TimeSpan atMost, CancellationToken cancellationToken) => Clock.UntilAsync(() => Task.FromResult(_ready), atMost, cancellationToken);

    /// <summary>It ends, by this signal, and stays away until it is wanted again.</summary>
    public async Task AwayAsync(int signal, CancellationToken cancellationToken)
    {
        _wanted = false;
        if (_process is { } process)
        {
            Disturbances++;
            _ready = false;
            ProcessTable.Signal(process.Id, signal);
            if (signal != ProcessTable.Kill && !await Clock.UntilAsync(() => Task.FromResult(_process is null), TimeSpan.FromSeconds(60), cancellationToken))
            {
                Write($"---- nemesis: did not end by signal {signal} within 60 s; killed");
                ProcessTable.Signal(process.Id, ProcessTable.Kill);
            }

            await Clock.UntilAsync(() => Task.FromResult(_process is null), TimeSpan.FromSeconds(30), cancellationToken);
        }
    }

    /// <summary>It is started again.</summary>
    public void Back()
    {
        _wanted = true;
        _changed.Release();
    }

    public void Freeze()
    {
        Disturbances++;
        _frozen = true;
        ProcessTable.Signal(Id, ProcessTable.Stop);
    }

    public void Thaw()
    {
        ProcessTable.Signal(Id, ProcessTable.Continue);
        _frozen = false;
        Disturbances++;
    }

    /// <summary>Ends the program and its runner by their ids.</summary>
    public async ValueTask DisposeAsync()
    {
        _wanted = false;
        if (_process is not null)
        {
            Thaw();
            await AwayAsync(ProcessTable.Terminate, CancellationToken.None);
        }

        await _keeper;
        if (RunnerId is var runner and not 0)
        {
            ProcessTable.Signal(runner, ProcessTable.Terminate);
            if (!await Clock.UntilAsync(() => Task.FromResult(!ProcessTable.IsAlive(runner)), TimeSpan.FromSeconds(15), CancellationToken.None))
            {
                ProcessTable.Signal(runner, ProcessTable.Kill);
            }
        }

        _changed.Dispose();
    }

    public void Write(string line)
    {
        lock (_log)
        {
            File.AppendAllText(LogFile, line + "\n");
        }
    }

    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (_wanted)
            {
                await LiveAsync();
                if (_wanted && !cancellationToken.IsCancellationRequested)
                {
                    FailedStarts++;
                }
            }

            try
            {
                await _changed.WaitAsync(TimeSpan.FromSeconds(1), cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>One life, from start to end.</summary>
    private async Task LiveAsync()
    {
        using var process = new Process { StartInfo = ProgramStart.Of(program, arguments) };
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        Starts++;
        Disturbances++;
        Write($"---- nemesis: starts {Name} at {TimeProvider.System.GetUtcNow():HH:mm:ss.fff}");
        process.Start();
        _process = process;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var ended = process.WaitForExitAsync(CancellationToken.None);
        await Task.WhenAny(ended, Clock.Pause(StartLimit, CancellationToken.None));
        if (!ended.IsCompleted && !_ready && _wanted && !_frozen)
        {
            Write($"---- nemesis: not ready after {StartLimit.TotalSeconds} s; killed");
            ProcessTable.Signal(process.Id, ProcessTable.Kill);
        }

        await ended;
        _ready = false;
        _frozen = false;
        _process = null;
        Disturbances++;
        Write($"---- nemesis: {Name} ended with {process.ExitCode} at {TimeProvider.System.GetUtcNow():HH:mm:ss.fff}");
    }

    private void Take(string? line)
    {
        if (line is not null)
        {
            if (line.StartsWith(readyLine, StringComparison.Ordinal))
            {
                _ready = true;
            }

            Write(line);
        }
    }
}

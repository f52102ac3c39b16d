using Gateway.Processes.Launching;
using Gateway.Processes.Sandbox;
using Gateway.Processes.Spool;
using Microsoft.Extensions.Logging;

namespace Gateway.Processes.Runner;

/// <summary>
/// Guards one run on a thread of its own: moves its streams, holds it to its timers, ends its tree and writes its outcome.
/// The thread blocks in one poll, so sixteen guards cost little and a slow disk under one run does not delay another's deadline.
/// </summary>
internal sealed partial class RunGuard : IDisposable
{
    private const int StackBytes = 256 * 1024;
    private const int BufferBytes = 64 * 1024;
    private static readonly TimeSpan KillAgain = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan WrapperKill = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(2);
    private const int SeekInnerMilliseconds = 10;
    private static readonly TimeSpan CountInterval = TimeSpan.FromMilliseconds(250);

    private readonly RunSpec _spec;
    private readonly string _folder;
    private readonly bool _namespaced;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Action _changed;
    private readonly UsageTable? _usage;
    private readonly RunClock _timers;
    private readonly Child _child;
    private readonly ProcessTree _tree;
    private readonly StreamPump _stdout;
    private readonly StreamPump _stderr;
    private readonly StdinFeed? _stdin;
    private readonly int _wake;
    private readonly DateTimeOffset _startedAt;
    private TimeSpan? _killedAt;
    private TimeSpan _nextKillAt;
    private bool _terminated;
    private RunEnd? _end;
    private RunLimit? _limit;
    private TimeSpan _nextCountAt = CountInterval;

    private RunGuard(RunSpec spec, string folder, RunPipes pipes, Child child, bool namespaced, RunnerMachine machine, Action changed)
    {
        (_spec, _folder, _child, _namespaced, _clock, _logger, _changed) = (spec, folder, child, namespaced, machine.Clock, machine.Logger, changed);
        _usage = spec.Limits is { IsCounted: true } ? machine.Usage : null;
        (_stdout, _stderr, _stdin, _wake) = (pipes.Stdout, pipes.Stderr, pipes.Stdin, pipes.Wake);
        _timers = new RunClock(spec, _clock);
        _tree = new ProcessTree(spec.Id, child, namespaced, _clock);
        _startedAt = _clock.GetUtcNow();
    }

    /// <summary>What can be announced now.</summary>
    public RunState State
    {
        get
        {
            // The end is read first: lengths read after it are final.
            var end = Volatile.Read(ref _end);
            return new() { Id = _spec.Id, StartedAt = _startedAt, StdoutBytes = _stdout.Length, StderrBytes = _stderr.Length, End = end };
        }
    }

    /// <summary>Starts the run and its guard.</summary>
    /// <param name="directory">Where the program starts; let go by the caller.</param>
    /// <param name="changed">Called from the guard's thread after each change of <see cref="State"/>.</param>
    /// <exception cref="NativeException">It cannot be started.</exception>
    public static RunGuard Start(RunSpec spec, HeldDirectory directory, RunSecretBytes? secret, string folder, RunnerMachine machine, Action changed)
    {
        var pipes = new RunPipes(folder, secret);
        try
        {
            var (program, arguments) = Wrapping.Wrap(machine.Containment, spec.Sandbox, spec.Limits ?? RunLimits.None, spec.Program, spec.Arguments, directory);
            var namespaced = Wrapping.IsNamespaced(machine.Containment, spec.Sandbox.Mode);
            var child = machine.Launcher.Start(new LaunchPlan
            {
                Program = program,
                Arguments = arguments,
                Environment = EnvironmentOf(spec, secret),
                WorkingDirectory = directory.HandlePath,
                Stdin = pipes.ChildStdin,
                Stdout = pipes.ChildStdout,
                Stderr = pipes.ChildStderr,
                Extra = pipes.ChildSecret,
                Directory = namespaced ? directory.Descriptor : -1,
            });
            var guard = new RunGuard(spec, folder, pipes, child, namespaced, machine, changed);
            pipes.CloseChildEnds();
            new Thread(guard.Watch, StackBytes) { IsBackground = true, Name = "run" }.Start();
            return guard;
        }
        catch
        {
            pipes.CloseChildEnds();
            pipes.Dispose();
            throw;
        }
    }

    public void Renew(TimeSpan fromNow)
    {
        _timers.Renew(fromNow);
        Native.Wake(_wake);
    }

    public void Stop(TimeSpan grace)
    {
        _timers.AskToStop(grace);
        Native.Wake(_wake);
    }

    /// <summary>Frees the guard after its end was announced.</summary>
    public void Dispose() => Native.Close(_wake);

    private static Dictionary<string, string> EnvironmentOf(RunSpec spec, RunSecretBytes? secret)
    {
        // The mark stands first, so that a sweep finds it in the first bytes it reads.
        var environment = new Dictionary<string, string> { ["GATEWAY_RUN"] = spec.Id.EnvironmentValue };
        foreach (var (name, value) in spec.Environment)
        {
            environment.TryAdd(name, value);
        }

        // Wrappers set it by themselves; so it is there in every mode.
        environment["PWD"] = spec.WorkingDirectory;
        if (secret is not null)
        {
            environment[secret.Variable] = LaunchPlan.ExtraNumber.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return environment;
    }

    private void Watch()
    {
        Span<byte> buffer = stackalloc byte[BufferBytes];
        ExitStatus exit;
        while (true)
        {
            Span<Native.PollEntry> entries =
            [
                new(_child.Descriptor, Native.PollIn), new(_wake, Native.PollIn), new(_stdout.Pipe, Native.PollIn),
                new(_stderr.Pipe, Native.PollIn), new(_stdin?.WriteEnd ?? -1, Native.PollOut),
            ];
            _ = Native.Poll(entries, WaitMilliseconds());
            if (entries[1].Seen != 0)
            {
                Native.ClearWake(_wake);
            }

            if (entries[4].Seen != 0)
            {
                _stdin?.Move();
            }

            MoveOutput(buffer, entries[2].Seen, entries[3].Seen);
            if (entries[0].Seen != 0)
            {
                exit = CleanUp();
                break;
            }

            _timers.Check();
            Count();
            Act();
        }

        Drain(buffer);
        Finish(exit);
    }

    private int WaitMilliseconds()
    {
        if (_killedAt is not null)
        {
            return (int)KillAgain.TotalMilliseconds;
        }

        var wait = _usage is null ? _timers.Wait() : Math.Min(_timers.Wait(), (int)CountInterval.TotalMilliseconds);
        return _timers.Reason is not null && !_terminated ? Math.Min(wait, SeekInnerMilliseconds) : wait;
    }

    // A short run ends before it is counted once; a loud one is not counted each time that it speaks.
    private void Count()
    {
        if (_usage is null || _timers.Reason is not null || _timers.Elapsed < _nextCountAt)
        {
            return;
        }

        _nextCountAt = _timers.Elapsed + CountInterval;
        if (_spec.Limits?.FirstBeyond(_usage.UsageBelow(_child.Pid)) is { } limit)
        {
            _limit = limit;
            _timers.End(RunEndReason.ResourceLimit, TimeSpan.Zero);
        }
    }

    private void MoveOutput(Span<byte> buffer, short stdoutSeen, short stderrSeen)
    {
        var spoke = (stdoutSeen != 0 && Move(_stdout, buffer)) | (stderrSeen != 0 && Move(_stderr, buffer));
        if (!spoke)
        {
            return;
        }

        _timers.Spoke();
        _changed();
        if (_stdout.DiskFull || _stderr.DiskFull)
        {
            _timers.End(RunEndReason.SpoolFull, _spec.StopGrace);
        }
        else if (Dropped > 0)
        {
            _timers.End(RunEndReason.OutputLimit, _spec.StopGrace);
        }
    }

    private long Dropped => _stdout.Dropped + _stderr.Dropped;

    // Once anything was dropped nothing more is kept, so that what is kept stays a prefix.
    private bool Move(StreamPump pump, Span<byte> buffer) =>
        pump.Move(buffer, Dropped > 0 ? 0 : _spec.OutputCapBytes - _stdout.Length - _stderr.Length);

    private void Act()
    {
        if (_timers.Reason is null)
        {
            return;
        }

        var now = _timers.Elapsed;
        if (_timers.MustKill)
        {
            if (_killedAt is null || now >= _nextKillAt)
            {
                // A wrapper that outlives its namespace by a second is killed as well; the sweep then proves what its own end would have.
                _tree.Kill(wrapperToo: _killedAt is { } first && now - first >= WrapperKill);
                _killedAt ??= now;
                _nextKillAt = now + KillAgain;
            }
        }
        else if (!_terminated)
        {
            _terminated = _tree.Terminate();
        }
    }

    private ExitStatus CleanUp()
    {
        if (!_tree.CleanUp(_child.DiedBySignal()))
        {
            LogSurvivors(_logger, _spec.Id.JobId, _spec.Id.Attempt);
        }

        var exit = _child.TryReap() ?? new ExitStatus(null, null);
        return _namespaced ? exit.ThroughWrapper() : exit;
    }

    private void Drain(Span<byte> buffer)
    {
        var until = _timers.Elapsed + DrainLimit;
        while ((_stdout.Pipe >= 0 || _stderr.Pipe >= 0) && _timers.Elapsed < until)
        {
            Span<Native.PollEntry> entries = [new(_stdout.Pipe, Native.PollIn), new(_stderr.Pipe, Native.PollIn)];
            _ = Native.Poll(entries, (int)Math.Max(1, (until - _timers.Elapsed).TotalMilliseconds));
            MoveOutput(buffer, entries[0].Seen, entries[1].Seen);
        }
    }

    private void Finish(ExitStatus exit)
    {
        var end = new RunEnd
        {
            Reason = _timers.Reason ?? RunEndReason.Exited,
            Limit = _timers.Reason == RunEndReason.ResourceLimit ? _limit : null,
            ExitCode = exit.Code,
            Signal = exit.Signal,
            StartedAt = _startedAt,
            EndedAt = _clock.GetUtcNow(),
            Duration = _timers.Elapsed,
            StdoutBytes = _stdout.Length,
            StderrBytes = _stderr.Length,
            DroppedBytes = Dropped,
            Truncated = Dropped > 0,
            StdinFullyRead = _stdin is null || _stdin.FullyRead,
        };
        string? stored = null;
        try
        {
            // Renamed before it is announced, so it survives the runner; flushed after, since nobody waits for the loss of power.
            stored = SpoolFolder.WriteEnd(_folder, end);
        }
        catch (IOException failure)
        {
            LogOutcomeNotStored(_logger, _spec.Id.JobId, _spec.Id.Attempt, failure.Message);
        }

        _stdout.Dispose();
        _stderr.Dispose();
        _stdin?.Dispose();
        _child.Dispose();
        Volatile.Write(ref _end, end);
        _changed();
        FlushQuietly(stored);
    }

    private static void FlushQuietly(string? path)
    {
        try
        {
            if (path is not null)
            {
                SpoolFolder.Flush(path);
            }
        }
        catch (IOException)
        {
            // Released meanwhile: its outcome is stored elsewhere.
        }
    }

    [LoggerMessage(200, LogLevel.Error, "{JobId} attempt {Attempt} ended, but processes with its mark could not be killed in time.")]
    private static partial void LogSurvivors(ILogger logger, Guid jobId, int attempt);

    [LoggerMessage(201, LogLevel.Error, "{JobId} attempt {Attempt} ended, but its outcome could not be written: {Fault}")]
    private static partial void LogOutcomeNotStored(ILogger logger, Guid jobId, int attempt, string fault);
}

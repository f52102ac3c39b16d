using Gateway.Processes.Sandbox;
using Gateway.Processes.Spool;

namespace Gateway.Processes.Launching;

/// <summary>Runs short helper programs (credential helpers, version questions) to their end, with everything bounded.</summary>
public static class ProgramRunner
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs a program with empty stdin and returns what it said. A failing program is a result, not an exception.</summary>
    /// <param name="program">Absolute path.</param>
    /// <param name="arguments">Arguments after the program's name.</param>
    /// <param name="environment">The whole environment of the program; only <c>GATEWAY_RUN</c> is added.</param>
    /// <param name="timeout">Longest run time; then its tree is killed.</param>
    /// <param name="maxBytes">Most bytes kept of each stream; the rest is dropped.</param>
    /// <param name="cancellationToken">Kills the program's tree.</param>
    /// <exception cref="ArgumentException">A text holds NUL, or the path is not absolute.</exception>
    public static Task<CapturedProgram> CaptureAsync(
        string program,
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string> environment,
        TimeSpan timeout,
        int maxBytes,
        CancellationToken cancellationToken)
    {
        var id = new RunId(Guid.NewGuid(), 0);
        var marked = new Dictionary<string, string>(environment) { ["GATEWAY_RUN"] = id.EnvironmentValue };
        if (marked.Any(pair => pair.Key.Contains('\0') || pair.Value.Contains('\0')) || arguments.Append(program).Any(text => text.Contains('\0')))
        {
            throw new ArgumentException("A text holds a NUL character, at which the program would see it end.", nameof(arguments));
        }

        if (!Path.IsPathFullyQualified(program))
        {
            throw new ArgumentException("The program's path must be absolute.", nameof(program));
        }

        return Task.Factory.StartNew(
            () => Capture(id, program, arguments, marked, timeout, maxBytes, cancellationToken),
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }

    private static CapturedProgram Capture(
        RunId id, string program, IReadOnlyList<string> arguments, Dictionary<string, string> environment, TimeSpan timeout, int maxBytes, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        using var stdout = new CapturedStream(maxBytes);
        using var stderr = new CapturedStream(maxBytes);
        var wake = Native.WakeDescriptor();
        using var cancel = cancellationToken.Register(() => Native.Wake(wake));
        try
        {
            using var child = Start(program, arguments, environment, stdout, stderr);
            var tree = new ProcessTree(id, child, namespaced: false, clock);
            var ended = Move(child.Descriptor, wake, stdout, stderr, clock, timeout);
            tree.Kill(wrapperToo: true);
            var exit = Reap(child, tree);
            _ = Move(-1, -1, stdout, stderr, clock, DrainLimit);
            cancellationToken.ThrowIfCancellationRequested();
            return new CapturedProgram
            {
                ExitCode = exit.Code ?? 0,
                Stdout = stdout.ToArray(),
                Stderr = stderr.ToArray(),
                TimedOut = !ended,
                Truncated = stdout.IsTruncated || stderr.IsTruncated,
            };
        }
        catch (NativeException fault)
        {
            return new CapturedProgram { ExitCode = fault.Error == Native.NoEntry ? 127 : 126, Stdout = [], Stderr = [], StartError = fault.Message };
        }
        finally
        {
            cancel.Dispose();
            Native.Close(wake);
        }
    }

    private static Child Start(
        string program, IReadOnlyList<string> arguments, Dictionary<string, string> environment, CapturedStream stdout, CapturedStream stderr)
    {
        var nothing = Native.Open("/dev/null", Native.ReadOnly);
        try
        {
            return Launcher.Shared.Start(new LaunchPlan
            {
                Program = program,
                Arguments = arguments,
                Environment = environment,
                WorkingDirectory = "/",
                Stdin = nothing,
                Stdout = stdout.ChildEnd,
                Stderr = stderr.ChildEnd,
            });
        }
        finally
        {
            Native.Close(nothing);
            stdout.CloseChildEnd();
            stderr.CloseChildEnd();
        }
    }

    private static ExitStatus Reap(Child child, ProcessTree tree)
    {
        var patience = TimeSpan.FromSeconds(5);
        Span<Native.PollEntry> entries = [new(child.Descriptor, Native.PollIn)];
        _ = Native.Poll(entries, (int)patience.TotalMilliseconds);
        _ = tree.CleanUp(childWasKilled: true);
        return child.TryReap() ?? new ExitStatus(null, null);
    }

    /// <summary>Moves output until the process has ended (true), or the time ran out or the caller gave up (false).</summary>
    private static bool Move(int process, int wake, CapturedStream stdout, CapturedStream stderr, TimeProvider clock, TimeSpan timeout)
    {
        var began = clock.GetTimestamp();
        while (clock.GetElapsedTime(began) < timeout && (process >= 0 || stdout.Pipe >= 0 || stderr.Pipe >= 0))
        {
            Span<Native.PollEntry> entries =
            [
                new(process, Native.PollIn), new(wake, Native.PollIn), new(stdout.Pipe, Native.PollIn), new(stderr.Pipe, Native.PollIn),
            ];
            _ = Native.Poll(entries, (int)Math.Clamp(Math.Ceiling((timeout - clock.GetElapsedTime(began)).TotalMilliseconds), 1, 60_000));
            if (entries[2].Seen != 0)
            {
                stdout.Move();
            }

            if (entries[3].Seen != 0)
            {
                stderr.Move();
            }

            if (entries[0].Seen != 0 || entries[1].Seen != 0)
            {
                return entries[0].Seen != 0;
            }
        }

        return false;
    }
}

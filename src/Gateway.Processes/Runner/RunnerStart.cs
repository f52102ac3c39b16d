using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Gateway.Processes.Launching;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Processes.Runner;

/// <summary>Starts the runner's process so that nothing ties it to this one: own session, no descriptor, no environment of ours.</summary>
internal sealed partial class RunnerStart(RunnerOptions options, ILogger logger)
{
    /// <summary>Returns when a runner of the folder listens.</summary>
    /// <exception cref="RunnerException">The program is not there or ended at once.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(options.ProgramPath))
        {
            throw new RunnerException($"The runner's program {options.ProgramPath} does not exist. Set {nameof(RunnerOptions)}.{nameof(RunnerOptions.ProgramPath)}.");
        }

        var (read, write) = Native.Pipe();
        using var ready = new SafeFileHandle(read, ownsHandle: true);
        Start(write);
        var line = await Task.Factory.StartNew(
            () => ReadReady(ready, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (line != RunnerHost.ReadyLine)
        {
            throw new RunnerException($"The runner ended at once. The end of its log: {LogTail()}");
        }
    }

    private static string ReadReady(SafeFileHandle ready, CancellationToken cancellationToken)
    {
        const int LookMilliseconds = 50;
        var descriptor = (int)ready.DangerousGetHandle();
        var buffer = new byte[16];
        Span<Native.PollEntry> entries = [new(descriptor, Native.PollIn)];
        while (!cancellationToken.IsCancellationRequested)
        {
            if (Native.Poll(entries, LookMilliseconds))
            {
                return Encoding.ASCII.GetString(buffer, 0, Math.Max(0, Native.Read(descriptor, buffer)));
            }
        }

        return string.Empty;
    }

    private void Start(int readyPipe)
    {
        var nothing = Native.Open("/dev/null", Native.ReadOnly);
        var log = Native.Open(Path.Combine(options.Folder, "runner.log"), Native.WriteOnly | Native.Create | Native.Append);
        try
        {
            var (program, arguments) = Command();
            var child = Launcher.Shared.Start(new LaunchPlan
            {
                Program = program,
                Arguments = arguments,
                Environment = EnvironmentOfRunner(),
                WorkingDirectory = options.Folder,
                Stdin = nothing,
                Stdout = readyPipe,
                Stderr = log,
            });
            LogStarted(logger, child.Pid);

            // It outlives us, or ends before: then someone has to take its end, or it would stay as a zombie.
            new Thread(() => Reap(child), maxStackSize: 128 * 1024) { IsBackground = true, Name = "runner-end" }.Start();
        }
        catch (NativeException fault)
        {
            throw new RunnerException($"The runner {options.ProgramPath} cannot be started: {fault.Message}", fault);
        }
        finally
        {
            Native.Close(nothing);
            Native.Close(log);
            Native.Close(readyPipe);
        }
    }

    private static void Reap(Child child)
    {
        while (child.WaitForExit(Timeout.InfiniteTimeSpan) is null)
        {
            // A signal to this thread ended the wait early.
        }

        child.Dispose();
    }

    private (string Program, IReadOnlyList<string> Arguments) Command()
    {
        List<string> arguments =
        [
            options.Folder, "--idle-exit-ms", ((long)options.IdleExit.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
        ];
        if (options.Containment is { } containment)
        {
            arguments.AddRange(["--containment", containment]);
        }

        if (!options.ProgramPath.EndsWith(".dll", StringComparison.Ordinal))
        {
            return (options.ProgramPath, arguments);
        }

        arguments.Insert(0, options.ProgramPath);
        return (Path.Combine(DotnetRoot(), "dotnet"), arguments);
    }

    private static Dictionary<string, string> EnvironmentOfRunner() => new()
    {
        ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
        ["LANG"] = "C.UTF-8",
        ["DOTNET_ROOT"] = DotnetRoot(),
        ["DOTNET_EnableDiagnostics"] = "0",

        // A small process that lives long: with the defaults it held about 15 MB more after a few hundred runs.
        ["DOTNET_GCgen0size"] = "0x20000",
        ["DOTNET_TieredCompilation"] = "0",
        ["MALLOC_ARENA_MAX"] = "1",
        ["MALLOC_TRIM_THRESHOLD_"] = "65536",
    };

    // The runtime that we run on ourselves: ROOT/shared/Microsoft.NETCore.App/VERSION.
    private static string DotnetRoot() => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    private string LogTail()
    {
        const int TailChars = 1000;
        try
        {
            var text = File.ReadAllText(Path.Combine(options.Folder, "runner.log")).Trim();
            return text.Length > TailChars ? text[^TailChars..] : text;
        }
        catch (IOException)
        {
            return "(none)";
        }
    }

    [LoggerMessage(242, LogLevel.Information, "Runner {ProcessId} was started.")]
    private static partial void LogStarted(ILogger logger, int processId);
}

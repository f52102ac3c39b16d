using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Gateway.Processes.Launching;
using Gateway.Processes.Memory;
using Gateway.Processes.Sandbox;
using Gateway.Processes.Spool;
using Microsoft.Extensions.Logging;

namespace Gateway.Processes.Runner;

/// <summary>The life of the runner's process: one for each folder, from taking its lock to having nothing left to guard.</summary>
public static partial class RunnerHost
{
    /// <summary>What the runner writes to its stdout when it, or another runner of the folder, can be called.</summary>
    internal const string ReadyLine = "ready\n";

    private const int LockTries = 1000;
    private const int LockPauseMilliseconds = 10;

    /// <summary>Runs until there is nothing to guard and nobody calls, or SIGTERM.</summary>
    /// <param name="folder">Absolute path of the runner's folder.</param>
    /// <param name="idleExit">How long to stay without runs and without a worker.</param>
    /// <param name="containment">Containment word to use; null for the best that works.</param>
    /// <returns>Exit code of the process.</returns>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    /// <exception cref="ArgumentException">The containment asked for does not work here.</exception>
    public static int Run(string folder, TimeSpan idleExit, string? containment)
    {
        // Nothing that a run leaves may be read by others, whatever the starter's mask was; children inherit it.
        const uint OwnerOnly = 0x3F;
        const nint Ignore = 1;
        _ = Native.umask(OwnerOnly);

        // A file size limit shall fail the write, not end the runner and all its runs.
        _ = Native.signal(Native.SignalFileSize, Ignore);
        SpoolFolder.Make(folder);
        var socketPath = Path.Combine(folder, "runner.sock");
        var lease = Native.Open(Path.Combine(folder, "runner.lock"), Native.ReadWrite | Native.Create);
        if (!TakeFolder(lease, socketPath))
        {
            SayReady();
            return 0;
        }

        Serve(folder, socketPath, idleExit, containment);
        return 0;
    }

    private static void Serve(string folder, string socketPath, TimeSpan idleExit, string? containment)
    {
        var clock = TimeProvider.System;
        var logger = new RunnerLog(clock);
        var launcher = new Launcher(noNewPrivileges: true);
        var machine = new RunnerMachine(folder, launcher, new ContainmentProbe(launcher).Detect(containment), clock, logger);
        var version = typeof(RunnerHost).Assembly.GetName().Version?.ToString(3) ?? "0";
        var info = new RunnerInfo(Environment.ProcessId, version, machine.Containment.Word);
        var found = new SpoolRecovery(folder, clock, logger).Recover();
        using var socket = ListeningSocket.Listen(socketPath);
        using var server = new RunnerServer(machine, socket, idleExit, info, found);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Handle(signal, server.AskToEnd));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Handle(signal, null));
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => Handle(signal, null));
        // For scripts that end what they started, by its id and nothing else.
        var idFile = Path.Combine(folder, "runner.pid");
        File.WriteAllText(idFile, info.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
        LogStarted(logger, info.ProcessId, info.Version, info.Containment);
        SayReady();
        new Thread(() => KeepPages(logger)) { IsBackground = true, Name = "pages" }.Start();
        server.Serve();
        File.Delete(idFile);
        LogEnded(logger);
    }

    // A thread of its own: the loop of the server waits for sockets alone.
    private static void KeepPages(ILogger logger)
    {
        var pages = new ProgramPagesKeeper();
        try
        {
            while (true)
            {
                _ = Native.Poll([], (int)ProgramPagesKeeper.Between.TotalMilliseconds);
                pages.Look();
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            LogPagesStay(logger, problem.Message);
        }
    }

    private static void Handle(PosixSignalContext signal, Action? action)
    {
        signal.Cancel = true;
        action?.Invoke();
    }

    /// <summary>True once the folder is ours; false once another runner of the folder answers.</summary>
    private static bool TakeFolder(int lease, string socketPath)
    {
        const int ExclusiveNow = 2 | 4;
        for (var i = 0; i < LockTries; i++)
        {
            if (Native.flock(lease, ExclusiveNow) == 0)
            {
                return true;
            }

            if (ListeningSocket.Answers(socketPath))
            {
                return false;
            }

            _ = Native.Poll([], LockPauseMilliseconds);
        }

        throw new IOException("Another runner holds the folder's lock and does not answer.");
    }

    // The starter waits on our stdout. Afterwards it becomes the log, so that nothing of the starter is held.
    private static void SayReady()
    {
        _ = Native.Write(1, Encoding.ASCII.GetBytes(ReadyLine));
        _ = Native.dup2(2, 1);
    }

    [LoggerMessage(220, LogLevel.Information, "Runner {ProcessId} started, version {Version}, containment {Containment}.")]
    private static partial void LogStarted(ILogger logger, int processId, string version, string containment);

    [LoggerMessage(222, LogLevel.Information, "Program pages stay resident: {Problem}")]
    private static partial void LogPagesStay(ILogger logger, string problem);

    [LoggerMessage(221, LogLevel.Information, "Runner ended: nothing is left to guard.")]
    private static partial void LogEnded(ILogger logger);
}

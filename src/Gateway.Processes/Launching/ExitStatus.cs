namespace Gateway.Processes.Launching;

/// <summary>How a process ended.</summary>
/// <param name="Code">Exit code, 128 + n for signal n; null when unknown.</param>
/// <param name="Signal">Name of the signal that ended it.</param>
internal readonly record struct ExitStatus(int? Code, string? Signal)
{
    private static readonly string?[] Names =
    [
        null, "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2",
        "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU",
        "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
    ];

    /// <summary>Whether the process that we started itself died by a signal.</summary>
    public bool WasSignalled => Signal is not null;

    public static ExitStatus FromWait(int status)
    {
        var signal = status & 0x7f;
        return signal == 0 ? new ExitStatus((status >> 8) & 0xff, null) : new ExitStatus(128 + signal, NameOf(signal));
    }

    /// <summary>
    /// The same seen through a wrapper, which can only pass on 128 + n. Programs that handle SIGTERM, SIGINT or SIGHUP return
    /// that number by themselves, so these three stay codes.
    /// </summary>
    public ExitStatus ThroughWrapper() => this is { Signal: null, Code: > 128 and var code }
        && code - 128 is not (Native.SignalTerminate or Native.SignalInterrupt or Native.SignalHangUp)
        && code - 128 < Names.Length
            ? this with { Signal = NameOf(code - 128) }
            : this;

    private static string NameOf(int signal) => signal < Names.Length && Names[signal] is { } name ? name : "signal " + signal;
}

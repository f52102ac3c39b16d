namespace Gateway.Processes.Launching;

/// <summary>A started program. It stays a zombie until <see cref="TryReap"/>, so its number cannot be taken by another before.</summary>
internal sealed class Child : IDisposable
{
    private Child(int pid, int descriptor)
    {
        Pid = pid;
        Descriptor = descriptor;
    }

    /// <summary>Process id; also the id of its session and process group.</summary>
    public int Pid { get; }

    /// <summary>Becomes readable when the process has ended.</summary>
    public int Descriptor { get; }

    /// <summary>Takes charge of a process just started; one that cannot be watched is killed again.</summary>
    /// <exception cref="NativeException">No descriptor is left to watch it.</exception>
    public static Child Adopt(int pid)
    {
        var descriptor = Native.OpenProcess(pid);
        if (descriptor >= 0)
        {
            return new Child(pid, descriptor);
        }

        _ = Native.kill(-pid, Native.SignalKill);
        _ = Native.waitpid(pid, out _, 0);
        throw new NativeException("watch", Native.TooManyOpen);
    }

    /// <summary>Whether the ended process died by a signal; asked without taking its end.</summary>
    public bool DiedBySignal() => Native.EndedBySignal(Pid);

    /// <summary>Takes the end of the process; null while it runs.</summary>
    public ExitStatus? TryReap() => Native.waitpid(Pid, out var status, 1) switch
    {
        0 => null,
        < 0 => new ExitStatus(null, null), // Someone else took it: SIGCHLD is ignored in this process.
        _ => ExitStatus.FromWait(status),
    };

    /// <summary>Waits for the end; null when the time ran out.</summary>
    public ExitStatus? WaitForExit(TimeSpan timeout)
    {
        Span<Native.PollEntry> entries = [new(Descriptor, Native.PollIn)];
        _ = Native.Poll(entries, timeout == Timeout.InfiniteTimeSpan ? -1 : (int)timeout.TotalMilliseconds);
        return TryReap();
    }

    public void Dispose() => Native.Close(Descriptor);
}

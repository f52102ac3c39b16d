namespace Gateway.Processes.Runner;

/// <summary>Where the runner lives and how it is started.</summary>
public sealed class RunnerOptions
{
    /// <summary>Longest path of a Unix socket in bytes.</summary>
    internal const int SocketPathLimitBytes = 107;

    /// <summary>Absolute path of the runner's folder (socket, identity, spool, log); made with mode 0700. Its socket path must not pass 107 bytes.</summary>
    public required string Folder { get; init; }

    /// <summary>Absolute path of <c>Gateway.Runner</c> or <c>Gateway.Runner.dll</c>.</summary>
    public required string ProgramPath { get; init; }

    /// <summary>Longest wait until a started runner listens and answers. Default 15 s.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a started runner stays without runs and without a worker. Default 5 s.</summary>
    public TimeSpan IdleExit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Containment word to use (<c>bubblewrap</c>, <c>unshare</c>, <c>sweep</c>) instead of the best that works; null, the default, to let the runner try.</summary>
    public string? Containment { get; init; }

    internal string SocketPath => Path.Combine(Folder, "runner.sock");
}

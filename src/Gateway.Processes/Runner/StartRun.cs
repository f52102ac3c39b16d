using Gateway.Processes.Launching;
using Gateway.Processes.Sandbox;
using Gateway.Processes.Spool;

namespace Gateway.Processes.Runner;

/// <summary>All that the runner has to know to start one program and to guard it. No text may hold NUL.</summary>
public sealed record StartRun
{
    /// <summary>Which run it is; a second start with the same id gives the first one's run.</summary>
    public required RunId Id { get; init; }

    /// <summary>Absolute path of the program.</summary>
    public required string Program { get; init; }

    /// <summary>Arguments after the program's name.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The whole environment of the program; only <c>GATEWAY_RUN</c>, <c>PWD</c> and the secret's variable are added.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Absolute path of the directory in which the program starts; it must exist, and no part of it may be a link.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Which directory that must be, as it was checked before; null takes any.</summary>
    public DirectoryIdentity? WorkingDirectoryIdentity { get; init; }

    /// <summary>Bytes for the program's stdin, which is closed after them; at most 16 MiB.</summary>
    public ReadOnlyMemory<byte> Stdin { get; init; }

    /// <summary>A secret for the program alone; null for none.</summary>
    public RunSecret? Secret { get; init; }

    /// <summary>Longest run time; then stop signal, <see cref="StopGrace"/>, kill.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Longest silence of both streams; then stop signal, <see cref="StopGrace"/>, kill.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Time from now until which the run lives without <see cref="RunnerClient.RenewAsync"/>; then it is killed at once.</summary>
    public required TimeSpan Deadline { get; init; }

    /// <summary>Time between stop signal and kill for ends that the runner decides by itself.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Most bytes of stdout and stderr together that are kept; more of them end the run.</summary>
    public long OutputCapBytes { get; init; } = 50L << 20;

    /// <summary>The walls around the program.</summary>
    public RunSandbox Sandbox { get; init; } = RunSandbox.None;

    /// <summary>How much the run may take; a runner of an older version does not know of it.</summary>
    public RunLimits Limits { get; init; } = RunLimits.None;
}

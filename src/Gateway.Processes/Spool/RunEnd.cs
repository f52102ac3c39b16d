using Gateway.Processes.Sandbox;

namespace Gateway.Processes.Spool;

/// <summary>How a run ended. When it is there, no process of the run is alive and both streams have their final length.</summary>
public sealed record RunEnd
{
    /// <summary>What ended the run.</summary>
    public required RunEndReason Reason { get; init; }

    /// <summary>The limit that the run was over; null when none was.</summary>
    public RunLimit? Limit { get; init; }

    /// <summary>Exit code of the program, 128 + n for signal n; null when it never ran or nobody saw its end.</summary>
    public int? ExitCode { get; init; }

    /// <summary>
    /// Name of the signal that ended the program, such as <c>SIGKILL</c>. Inside a PID namespace it is taken from an exit code
    /// above 128, save for those of SIGTERM, SIGINT and SIGHUP, which programs return by themselves.
    /// </summary>
    public string? Signal { get; init; }

    /// <summary>Wall-clock time at which the program was started; null when it never was.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Wall-clock time at which the whole tree was gone.</summary>
    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>Run time by the monotonic clock; zero when it never ran or was lost.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Bytes of stdout that the spool keeps.</summary>
    public long StdoutBytes { get; init; }

    /// <summary>Bytes of stderr that the spool keeps.</summary>
    public long StderrBytes { get; init; }

    /// <summary>Bytes of both streams that the program wrote after the cap or a full disk and that are not kept.</summary>
    public long DroppedBytes { get; init; }

    /// <summary>Whether output was cut; then the kept bytes are a prefix.</summary>
    public bool Truncated { get; init; }

    /// <summary>False when the program ended before it had read all of its stdin.</summary>
    public bool StdinFullyRead { get; init; } = true;

    /// <summary>Why nothing ran, for an operator; null when something did.</summary>
    public string? StartError { get; init; }
}

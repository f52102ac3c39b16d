namespace Gateway.Processes.Spool;

/// <summary>What the runner announces about a run; the newest one replaces all before it.</summary>
internal sealed record RunState
{
    public required RunId Id { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public long StdoutBytes { get; init; }

    public long StderrBytes { get; init; }

    public RunEnd? End { get; init; }
}

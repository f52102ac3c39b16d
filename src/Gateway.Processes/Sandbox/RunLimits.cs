namespace Gateway.Processes.Sandbox;

/// <summary>
/// How much of the machine one run may take, all its processes together. Counted several times a second, so a run may be over a
/// limit for a moment before it is ended. Null is no limit.
/// </summary>
public sealed record RunLimits
{
    /// <summary>No limits.</summary>
    public static RunLimits None { get; } = new();

    /// <summary>Most resident memory in bytes, pages that processes share counted for each.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Most processes at a time.</summary>
    public int? Processes { get; init; }

    /// <summary>Most processor time, ended processes included.</summary>
    public TimeSpan? CpuTime { get; init; }

    /// <summary>Largest single file in bytes. The kernel keeps this one: a program that writes on gets a signal.</summary>
    public long? FileBytes { get; init; }

    /// <summary>Whether anything of it has to be counted.</summary>
    internal bool IsCounted => MemoryBytes is not null || Processes is not null || CpuTime is not null;

    /// <summary>The first limit that a run is over; null when none.</summary>
    internal RunLimit? FirstBeyond(TreeUsage usage) => usage switch
    {
        _ when usage.MemoryBytes > MemoryBytes => RunLimit.Memory,
        _ when usage.Processes > Processes => RunLimit.Processes,
        _ when usage.CpuTime > CpuTime => RunLimit.CpuTime,
        _ => null,
    };
}

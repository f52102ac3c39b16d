namespace Gateway.Processes.Sandbox;

/// <summary>A member of <see cref="RunLimits"/> that can end a run.</summary>
public enum RunLimit
{
    /// <summary><see cref="RunLimits.MemoryBytes"/>.</summary>
    Memory,

    /// <summary><see cref="RunLimits.Processes"/>.</summary>
    Processes,

    /// <summary><see cref="RunLimits.CpuTime"/>.</summary>
    CpuTime,

    /// <summary><see cref="RunLimits.FileBytes"/>.</summary>
    FileSize,
}

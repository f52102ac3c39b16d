namespace Gateway.Processes.Sandbox;

/// <summary>What makes sure that nothing of a run outlives it; the order is from weak to strong.</summary>
internal enum ContainmentKind
{
    /// <summary>Process group, descendants, and a sweep of /proc for the run's mark.</summary>
    Sweep,

    /// <summary>PID namespace by unshare, as root.</summary>
    Unshare,

    /// <summary>PID and mount namespace by bubblewrap.</summary>
    Bubblewrap,
}

/// <summary>What this machine can do, found out by trying.</summary>
/// <param name="Kind">The best that works.</param>
/// <param name="Tool">Path of bubblewrap or unshare; null for <see cref="ContainmentKind.Sweep"/>.</param>
/// <param name="CanDropRoot">Whether bubblewrap can run programs as another user while the runner is root.</param>
internal sealed record Containment(ContainmentKind Kind, string? Tool = null, bool CanDropRoot = false)
{
    public string Word => Kind switch
    {
        ContainmentKind.Bubblewrap => "bubblewrap",
        ContainmentKind.Unshare => "unshare",
        _ => "sweep",
    };
}

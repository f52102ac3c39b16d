namespace Gateway.Processes.Sandbox;

/// <summary>How much of the machine a run can see.</summary>
public enum SandboxMode
{
    /// <summary>Everything that the runner's user can; its tree is still cleaned by process group and by a sweep of /proc.</summary>
    None,

    /// <summary>The whole file system, but a PID namespace of its own where the machine gives one.</summary>
    Process,

    /// <summary>Only the system's programs and the named paths, in a PID namespace of its own; needs bubblewrap.</summary>
    Workspace,
}

namespace Gateway.Execution.Runs;

/// <summary>Which walls runs get.</summary>
public enum SandboxChoice
{
    /// <summary><see cref="Workspace"/> where the machine has bubblewrap, else <see cref="Process"/>.</summary>
    Best,

    /// <summary>Only the run's own directories; a run fails where bubblewrap is missing.</summary>
    Workspace,

    /// <summary>The whole file system, in a process namespace of its own where the machine gives one.</summary>
    Process,

    /// <summary>No walls: for trusted workspaces only.</summary>
    None,
}

namespace Gateway.Processes.Sandbox;

/// <summary>The walls around one run. Paths keep their names inside, so a working directory means the same on both sides.</summary>
public sealed record RunSandbox
{
    /// <summary>No walls.</summary>
    public static RunSandbox None { get; } = new();

    /// <summary>Which walls.</summary>
    public SandboxMode Mode { get; init; }

    /// <summary>Absolute paths that the run may write in mode <see cref="SandboxMode.Workspace"/>; each must exist. List the working directory too if it may be written.</summary>
    public IReadOnlyList<string> WritablePaths { get; init; } = [];

    /// <summary>Absolute paths that the run may read in mode <see cref="SandboxMode.Workspace"/>, beside /usr, the program itself and a few files of /etc; each must exist.</summary>
    public IReadOnlyList<string> ReadOnlyPaths { get; init; } = [];

    /// <summary>
    /// Directories of the lists above that somebody could swap for a link until they are mounted, each after what it was when it was
    /// checked: <see cref="Launching.DirectoryIdentity.ToMark"/>, a blank, the path. If one is another one inside the walls, nothing is started.
    /// </summary>
    public IReadOnlyList<string> Pins { get; init; } = [];
}

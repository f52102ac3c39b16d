namespace Gateway.Contracts.Values;

/// <summary>The Git worktree that a run is to work in.</summary>
public sealed record RunWorktree
{
    /// <summary>Name, 1 to 64 of <c>A-Za-z0-9._-</c>: of the directory, and with <c>gateway/</c> before it of the branch. Null until the job has an id, from which it follows.</summary>
    public string? Name { get; init; }

    /// <summary>What the branch begins at, 1 to 255 characters, never beginning with <c>-</c>; null for the workspace's HEAD.</summary>
    public string? Ref { get; init; }
}

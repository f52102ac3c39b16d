namespace Gateway.Contracts.Values;

/// <summary>Where a run works and what else of the worker's disk it has.</summary>
public sealed record RunPlaces
{
    /// <summary>Working directory; null for a private empty one.</summary>
    public RunPlace? Work { get; init; }

    /// <summary>Worktree of the repository in <see cref="Work"/> that takes the place of the working directory; null for none.</summary>
    public RunWorktree? Worktree { get; init; }

    /// <summary>At most 16 further directories; null for none.</summary>
    public IReadOnlyList<RunPlace>? AddDirs { get; init; }

    /// <summary>At most 8 images; null for none.</summary>
    public IReadOnlyList<RunPlace>? Images { get; init; }
}

namespace Gateway.Contracts.Values;

/// <summary>What a run has changed in its worktree, committed or not. The text of the changes is the stream <see cref="OutputStream.Diff"/>.</summary>
public sealed record WorktreeChange
{
    /// <summary>Name of the worktree.</summary>
    public required string Name { get; init; }

    /// <summary>Its branch, such as <c>gateway/NAME</c>.</summary>
    public required string Branch { get; init; }

    /// <summary>Full id of the commit that the branch began at.</summary>
    public required string BaseCommit { get; init; }

    /// <summary>Files that differ from it.</summary>
    public int ChangedFiles { get; init; }

    /// <summary>Lines added, binary files not counted.</summary>
    public long Insertions { get; init; }

    /// <summary>Lines removed, binary files not counted.</summary>
    public long Deletions { get; init; }
}

namespace Gateway.Execution.Workspaces;

/// <summary>A Git worktree that was made for a conversation. Kept beside it, where no agent can write.</summary>
public sealed record Worktree
{
    /// <summary>Absolute path of the folder that holds all that belongs to it.</summary>
    public required string Folder { get; init; }

    /// <summary>Absolute path of the worktree.</summary>
    public required string Path { get; init; }

    /// <summary>Absolute path of the workspace whose repository it belongs to.</summary>
    public required string Workspace { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The repository's own name for it, which differs where that of an earlier one is still taken.</summary>
    public required string Entry { get; init; }

    /// <summary>Its branch.</summary>
    public required string Branch { get; init; }

    /// <summary>Full id of the commit that the branch began at.</summary>
    public required string BaseCommit { get; init; }

    /// <summary>Absolute path of the repository's Git directory.</summary>
    public string Repository => System.IO.Path.Combine(Workspace, ".git");

    /// <summary>What an agent needs to commit in it: objects and references of the repository, but neither its configuration nor its hooks.</summary>
    public IEnumerable<string> WritableParts() =>
        ((string[])["objects", "refs/heads/gateway", "logs/refs/heads/gateway", System.IO.Path.Combine("worktrees", Entry)])
        .Select(part => System.IO.Path.Combine(Repository, part));
}

namespace Gateway.Contracts.Values;

/// <summary>What a worker saw of one of its workspaces when it last looked. Names no path.</summary>
public sealed record WorkspaceReport
{
    /// <summary>Name of the workspace.</summary>
    public required string Alias { get; init; }

    /// <summary><c>git</c> or <c>folder</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Branch that is checked out; null without one.</summary>
    public string? Branch { get; init; }

    /// <summary>Whether something differs from the last commit; null when unknown.</summary>
    public bool? Dirty { get; init; }
}

using System.Text.Json.Serialization;

namespace Gateway.Api.Mcp.Answers;

/// <summary>A workspace as its callers see it: never where it is.</summary>
internal sealed record WorkspaceView
{
    public required string Alias { get; init; }

    /// <summary><c>git</c> or <c>folder</c>.</summary>
    public required string Kind { get; init; }

    public required IReadOnlyList<string> Providers { get; init; }

    [JsonPropertyName("allow_worktree")]
    public required bool AllowWorktree { get; init; }

    [JsonPropertyName("allow_add_dir")]
    public required bool AllowAddDir { get; init; }

    public string? Branch { get; init; }

    public bool? Dirty { get; init; }

    /// <summary>Names of the workers that have told of it; of a single workspace only.</summary>
    public IReadOnlyList<string>? Workers { get; init; }
}

/// <summary>What <c>workspace_list</c> answers.</summary>
internal sealed record WorkspaceListAnswer
{
    public bool Success => true;

    /// <summary>Whether jobs may work anywhere but in a private directory.</summary>
    public required bool Enabled { get; init; }

    /// <summary>Alias of the one that is meant when none is named.</summary>
    public string? Default { get; init; }

    public required IReadOnlyList<WorkspaceView> Workspaces { get; init; }

    /// <summary>Roots in which absolute paths may lie, by a name that says nothing of them.</summary>
    [JsonPropertyName("allowed_roots")]
    public required IReadOnlyList<RootView> AllowedRoots { get; init; }

    internal sealed record RootView(string Alias);
}

/// <summary>What <c>workspace_get</c> answers.</summary>
internal sealed record WorkspaceAnswer
{
    public bool Success => true;

    public required WorkspaceView Workspace { get; init; }
}

namespace Gateway.Contracts.Values;

/// <summary>A file or directory of a run, by its name at the edge. The worker finds it, and judges the real path.</summary>
public sealed record RunPlace
{
    /// <summary>Alias of the workspace that it lies in, which the worker resolves by its own settings; null for an absolute path in a root.</summary>
    public string? Workspace { get; init; }

    /// <summary>Path below the workspace, empty for the workspace itself; without a workspace the absolute path.</summary>
    public required string Path { get; init; }
}

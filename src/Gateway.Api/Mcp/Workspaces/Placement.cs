using Gateway.Contracts;
using Gateway.Contracts.Values;

namespace Gateway.Api.Mcp.Workspaces;

/// <summary>Where a run works, as the edge understood it.</summary>
internal sealed record Placement
{
    /// <summary>Neither a workspace nor a directory: a private empty one.</summary>
    public static Placement Private { get; } = new();

    /// <summary>The workspace; null for a directory in a root, or a private one.</summary>
    public NamedWorkspace? Workspace { get; init; }

    /// <summary>Absolute directory in plain form; null for a private one.</summary>
    public string? Directory { get; init; }

    /// <summary>A workspace that was named and is not open to the caller.</summary>
    public string? Unknown { get; init; }

    /// <summary>Pool whose workers have it.</summary>
    public string Pool => Workspace?.Alias.Pool ?? EndpointNames.DefaultPool;

    /// <summary>The working directory by the name that the worker resolves; null for a private one.</summary>
    public RunPlace? Work => Directory is null ? null : PlaceOf(Directory);

    /// <summary>A path inside the job's workspace by the worker's name for it, any other as it is.</summary>
    /// <param name="path">Absolute path in plain form.</param>
    public RunPlace PlaceOf(string path) => Workspace is { } workspace && Gateway.Contracts.Workspaces.WorkspaceRules.IsWithin(path, workspace.Path)
        ? new RunPlace { Workspace = workspace.Name, Path = path == workspace.Path ? "" : path[workspace.Path.Length..].TrimStart('/') }
        : new RunPlace { Path = path };
}

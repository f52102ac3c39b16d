using Gateway.Contracts.Workspaces;

namespace Gateway.Api.Mcp.Starters;

/// <summary>Section <c>Workspaces</c>.</summary>
internal sealed class WorkspaceOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Workspaces";

    /// <summary>Absolute folders in which jobs may work. Default: none, so that jobs get an empty folder each.</summary>
    public IList<string> Roots { get; init; } = [];

    /// <summary>Directories that callers know by a name. Default: none.</summary>
    public Dictionary<string, WorkspaceAlias> Aliases { get; init; } = new(StringComparer.OrdinalIgnoreCase);
}

using Gateway.Api.Mcp.Answers;
using Gateway.Contracts;
using Gateway.Contracts.Values;
using Gateway.Jobs.Reading;

namespace Gateway.Api.Mcp.Workspaces;

/// <summary>Puts together what the operator says of a workspace and what its workers saw of it.</summary>
internal static class WorkspaceViews
{
    private const string Folder = "folder";

    /// <summary>The view.</summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="seen">What workers saw of all workspaces.</param>
    public static WorkspaceView Of(NamedWorkspace workspace, IEnumerable<SeenWorkspace> seen)
    {
        // The newest that tells: workers of a pool have the same directories, and none else counts.
        var newest = Of(seen, workspace).MaxBy(one => one.LastHeartbeatAt)?.Report;
        return new WorkspaceView
        {
            Alias = workspace.Name,
            Kind = newest?.Kind ?? Folder,
            Providers = workspace.Alias.Providers.Count == 0 ? AgentClis.All : [.. workspace.Alias.Providers.Order(StringComparer.Ordinal)],
            AllowWorktree = workspace.Alias.AllowWorktree,
            AllowAddDir = workspace.Alias.AllowAddDir,
            Branch = newest?.Branch,
            Dirty = newest?.Dirty,
        };
    }

    /// <summary>The view with the names of its workers.</summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="seen">What workers saw of all workspaces.</param>
    public static WorkspaceView WithWorkers(NamedWorkspace workspace, IReadOnlyList<SeenWorkspace> seen) =>
        Of(workspace, seen) with { Workers = [.. Of(seen, workspace).Select(one => one.Worker).Distinct().Order(StringComparer.Ordinal)] };

    private static IEnumerable<SeenWorkspace> Of(IEnumerable<SeenWorkspace> seen, NamedWorkspace workspace) =>
        seen.Where(one => one.Pool == (workspace.Alias.Pool ?? EndpointNames.DefaultPool) && string.Equals(one.Report.Alias, workspace.Name, StringComparison.OrdinalIgnoreCase));
}

using Gateway.Contracts.Workspaces;

namespace Gateway.Api.Mcp.Workspaces;

/// <summary>A registered workspace.</summary>
/// <param name="Name">Its alias, as configured.</param>
/// <param name="Path">Its directory in plain form, for comparing alone: where it really is, its workers know.</param>
/// <param name="Alias">What the operator allows.</param>
internal sealed record NamedWorkspace(string Name, string Path, WorkspaceAlias Alias);

using Gateway.Api.Mcp.Starters;
using Gateway.Contracts.Workspaces;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Mcp.Workspaces;

/// <summary>The registered workspaces and roots, by the text of their paths alone.</summary>
internal sealed class WorkspaceBook(IOptions<WorkspaceOptions> options)
{
    private readonly Lazy<IReadOnlyList<NamedWorkspace>> all = new(() =>
        [.. options.Value.Aliases.Select(one => new NamedWorkspace(one.Key, WorkspaceRules.Plain(one.Value.Path), one.Value)).OrderBy(one => one.Name, StringComparer.OrdinalIgnoreCase)]);

    private readonly Lazy<IReadOnlyList<string>> roots = new(() => [.. options.Value.Roots.Select(WorkspaceRules.Plain)]);

    /// <summary>Number of roots, which have no names.</summary>
    public int RootCount => roots.Value.Count;

    /// <summary>Those that callers of a tenant may name for any CLI, by name.</summary>
    public IEnumerable<NamedWorkspace> OpenTo(string tenant) => all.Value.Where(one => one.Alias.IsOpenTo(tenant));

    /// <summary>The workspace of a name; null when there is none, or it is not open. Names differ in more than case.</summary>
    public NamedWorkspace? Find(string name, string tenant, string? cli) =>
        all.Value.FirstOrDefault(one => string.Equals(one.Name, name, StringComparison.OrdinalIgnoreCase) && one.Alias.IsOpenTo(tenant, cli));

    /// <summary>The one that is meant when none is named; null for none.</summary>
    public NamedWorkspace? DefaultOf(string tenant, string? cli) => all.Value.FirstOrDefault(one => one.Alias.Default && one.Alias.IsOpenTo(tenant, cli));

    /// <summary>The workspace in which a path lies, open or not: the innermost.</summary>
    /// <param name="path">Path in plain form.</param>
    public NamedWorkspace? Holding(string path) => all.Value.Where(one => WorkspaceRules.IsWithin(path, one.Path)).MaxBy(one => one.Path.Length);

    /// <summary>Whether a path lies in a root.</summary>
    /// <param name="path">Path in plain form.</param>
    public bool IsInRoot(string path) => roots.Value.Any(root => WorkspaceRules.IsWithin(path, root));
}

using Gateway.Api.Mcp.Arguments;
using Gateway.Contracts.Workspaces;

namespace Gateway.Api.Mcp.Workspaces;

/// <summary>
/// Where a run may work, judged by the text of the paths. The worker judges the real paths again: only it sees the links on
/// its disk.
/// </summary>
/// <param name="book">The registered workspaces and roots.</param>
/// <param name="cli">The CLI that is to run.</param>
internal sealed class PlacementRule(WorkspaceBook book, string cli)
{
    private const string Directory = "workingDir";
    private const string Named = "workspace";
    private const string InRoot = "an absolute path inside a registered root";
    private const string HowToAdd = "add a root: setting Workspaces:Roots, or build/run --root DIR";

    /// <summary>Where a call means to work. Adds what is wrong; the value counts only without faults.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="tenant">Tenant of the caller.</param>
    public Placement Check(ParsedArguments arguments, string tenant)
    {
        var name = arguments.Text(Named);
        var workspace = name is null ? book.DefaultOf(tenant, cli) : book.Find(name, tenant, cli);
        if (name is not null && workspace is null)
        {
            return new Placement { Unknown = name };
        }

        if (arguments.Text(Directory) is not { } path)
        {
            return workspace is null || arguments.Has(Directory) ? Placement.Private : new Placement { Workspace = workspace, Directory = workspace.Path };
        }

        return Resolve(arguments.Faults, Directory, path, workspace, isNamed: name is not null, tenant) ?? Placement.Private;
    }

    /// <summary>Further directories or files of a run, absolute. Adds what is wrong; the value counts only without faults.</summary>
    /// <param name="arguments">The arguments of the call.</param>
    /// <param name="argument">The one that holds them.</param>
    /// <param name="placement">Where the run works: relative paths are below its workspace.</param>
    /// <param name="tenant">Tenant of the caller.</param>
    public IReadOnlyList<string> CheckPaths(ParsedArguments arguments, string argument, Placement placement, string tenant) =>
    [
        .. arguments.List(argument).Index()
            .Select(one => Resolve(arguments.Faults, $"{argument}[{one.Index}]", one.Item, placement.Workspace, isNamed: false, tenant)?.Directory)
            .OfType<string>().Distinct(StringComparer.Ordinal),
    ];

    /// <summary>Where a directory lies that was taken before, such as that of a session; whether it may still be used its worker judges.</summary>
    /// <param name="directory">Absolute path in plain form.</param>
    public Placement PlaceAt(string directory) => new() { Workspace = book.Holding(directory), Directory = directory };

    private Placement? Resolve(FaultList faults, string field, string path, NamedWorkspace? workspace, bool isNamed, string tenant)
    {
        var fault = PathWords.FaultOf(path);
        if (fault is null && !Path.IsPathFullyQualified(path))
        {
            if (workspace is not null && PathWords.IsRelative(path))
            {
                return new Placement { Workspace = workspace, Directory = WorkspaceRules.Plain(Path.Combine(workspace.Path, path)) };
            }

            fault = workspace is null
                ? (InRoot, "send the absolute path, name a workspace, or leave it out for an empty folder")
                : ("an absolute path, or one relative to the workspace", "send it without ~, backslash and colon");
        }

        if (fault is null)
        {
            var plain = WorkspaceRules.Plain(path);
            var holder = book.Holding(plain);
            fault = holder is null
                ? InRoots(plain, isNamed)
                : isNamed && holder != workspace ? ($"a path inside the workspace {workspace?.Name}", "leave workspace out, or send a path inside it")
                : holder.Alias.IsOpenTo(tenant, cli) ? null : (InRoot, HowToAdd);
            if (fault is null)
            {
                return new Placement { Workspace = holder, Directory = plain };
            }
        }

        faults.Add(field, path, fault.Value.Limit, fault.Value.Remedy);
        return null;
    }

    private (string Limit, string Remedy)? InRoots(string plain, bool isNamed) => isNamed
        ? ("a path inside the named workspace", "leave workspace out, or send a path inside it")
        : book.IsInRoot(plain) ? null
        : (book.RootCount == 0 ? $"{InRoot}; none is registered" : InRoot, HowToAdd);
}

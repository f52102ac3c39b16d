namespace Gateway.Contracts.Workspaces;

/// <summary>
/// One member of the section <c>Workspaces:Aliases</c>: a directory that callers know by a name alone. API and workers read
/// the same section, each for itself: the API decides who may name it, the worker where it is.
/// </summary>
public sealed class WorkspaceAlias
{
    /// <summary>Absolute path of the directory. No default.</summary>
    public string Path { get; set; } = "";

    /// <summary>CLIs that may work in it. Default: all.</summary>
    public IList<string> Providers { get; init; } = [];

    /// <summary>Tenants to whose callers it is open. Default: all.</summary>
    public IList<string> Tenants { get; init; } = [];

    /// <summary>
    /// Settings of Claude Code that the directory brings are loaded, with the programs that they name and the address that they may
    /// send the key to. Other CLIs load none in any case. Default false.
    /// </summary>
    public bool Trusted { get; set; }

    /// <summary>It is meant where a caller names neither a workspace nor an absolute directory. At most one for each tenant and CLI. Default false.</summary>
    public bool Default { get; set; }

    /// <summary>Jobs may have a Git worktree of it, which adds branches to its repository. Default false.</summary>
    public bool AllowWorktree { get; set; }

    /// <summary>Jobs in it may have further directories. Default false.</summary>
    public bool AllowAddDir { get; set; }

    /// <summary>Pool of workers that have it. Default: the pool <c>default</c>.</summary>
    public string? Pool { get; set; }

    /// <summary>Whether callers of a tenant may name it for a CLI.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="provider">The CLI; null for any.</param>
    public bool IsOpenTo(string tenant, string? provider) => IsOpenTo(tenant)
        && (provider is null || Providers.Count == 0 || Providers.Contains(provider, StringComparer.Ordinal));

    /// <summary>Whether it is open to a tenant at all.</summary>
    /// <param name="tenant">The tenant.</param>
    public bool IsOpenTo(string tenant) => Tenants.Count == 0 || Tenants.Contains(tenant, StringComparer.Ordinal);
}

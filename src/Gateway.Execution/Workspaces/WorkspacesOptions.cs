using Gateway.Contracts.Workspaces;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Workspaces;

/// <summary>Section <c>Workspaces</c>: where runs may work.</summary>
public sealed class WorkspacesOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Workspaces";

    /// <summary>
    /// Absolute paths of directories; a run's working directory must lie in one of them. One that lies inside another one
    /// opens nothing more, also when it is a link: name what the link leads to. Default none: only private directories.
    /// </summary>
    public IList<string> Roots { get; } = [];

    /// <summary>
    /// Absolute paths of directories with which no working directory may overlap, inside a root or not: what the gateway
    /// itself keeps. The worker's own data folder always counts. Default: the gateway's data folder.
    /// </summary>
    public IList<string> Closed { get; } = [];

    /// <summary>Directories that callers know by a name. Default none.</summary>
    public Dictionary<string, WorkspaceAlias> Aliases { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Absolute path of Git, for worktrees and for what workspaces are like. Default <c>/usr/bin/git</c>.</summary>
    public string GitProgram { get; set; } = "/usr/bin/git";
}

/// <summary>Refuses settings at start, naming them.</summary>
internal sealed class WorkspacesValidator : IValidateOptions<WorkspacesOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, WorkspacesOptions options)
    {
        var faults = options.Roots.Select((root, index) => (Root: root, Place: $"{WorkspacesOptions.Section}:{nameof(options.Roots)}:{index}"))
            .Concat(options.Closed.Select((root, index) => (Root: root, Place: $"{WorkspacesOptions.Section}:{nameof(options.Closed)}:{index}")))
            .Append((Root: options.GitProgram, Place: $"{WorkspacesOptions.Section}:{nameof(options.GitProgram)}"))
            .Where(entry => !Path.IsPathRooted(entry.Root) || entry.Root.Contains('\0', StringComparison.Ordinal))
            .Select(entry => $"{entry.Place} must be an absolute path.")
            .Concat(WorkspaceRules.FaultsOf(options.Aliases))
            .Concat(options.Aliases.Where(one => Path.IsPathRooted(one.Value.Path) && !Directory.Exists(one.Value.Path))
                .Select(one => $"{WorkspaceRules.Section}:{one.Key}:Path is no directory of this machine, or not open to this user."))
            .ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}

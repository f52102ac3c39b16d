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
}

/// <summary>Refuses settings at start, naming them.</summary>
internal sealed class WorkspacesValidator : IValidateOptions<WorkspacesOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, WorkspacesOptions options)
    {
        var faults = options.Roots.Select((root, index) => (Root: root, Place: $"{WorkspacesOptions.Section}:{nameof(options.Roots)}:{index}"))
            .Concat(options.Closed.Select((root, index) => (Root: root, Place: $"{WorkspacesOptions.Section}:{nameof(options.Closed)}:{index}")))
            .Where(entry => !Path.IsPathRooted(entry.Root) || entry.Root.Contains('\0', StringComparison.Ordinal))
            .Select(entry => $"{entry.Place} must be an absolute path.")
            .ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}

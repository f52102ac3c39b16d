using Microsoft.Extensions.Options;

namespace Gateway.Execution.Workspaces;

/// <summary>Section <c>Workspaces</c>: where runs may work.</summary>
public sealed class WorkspacesOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Workspaces";

    /// <summary>Absolute paths of directories; a run's working directory must lie in one of them. Default none: only private directories.</summary>
    public IList<string> Roots { get; } = [];
}

/// <summary>Refuses settings at start, naming them.</summary>
internal sealed class WorkspacesValidator : IValidateOptions<WorkspacesOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, WorkspacesOptions options)
    {
        var faults = options.Roots
            .Select((root, index) => (Root: root, Place: $"{WorkspacesOptions.Section}:Roots:{index}"))
            .Where(entry => !Path.IsPathRooted(entry.Root) || entry.Root.Contains('\0', StringComparison.Ordinal))
            .Select(entry => $"{entry.Place} must be an absolute path.")
            .ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}

using Gateway.Contracts.McpServers;
using Gateway.Contracts.Workspaces;
using Gateway.Execution.Runs;
using Gateway.Execution.Workspaces;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.McpServers;

/// <summary>Section <c>McpServers</c>: the MCP servers that runs of this worker may have, by name.</summary>
public sealed class McpServersOptions() : Dictionary<string, McpServerEntry>(StringComparer.OrdinalIgnoreCase)
{
    /// <summary>The section's name.</summary>
    public const string Section = McpServerRules.Section;
}

/// <summary>Refuses settings at start, naming them. Whether programs and files are there is judged at each run: they may come later.</summary>
internal sealed class McpServersValidator(IOptions<WorkerOptions> worker, IOptions<WorkspacesOptions> workspaces) : IValidateOptions<McpServersOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, McpServersOptions options)
    {
        List<string> faults = [.. McpServerRules.FaultsOf(options), .. McpServerRules.DefinitionFaultsOf(options)];
        if (faults.Count == 0)
        {
            faults.AddRange(options.SelectMany(one => OpenedOf(one.Value).Where(IsClosed).Select(path =>
                $"{McpServersOptions.Section}:{one.Key} would show its runs '{path}', in which the gateway keeps what is its own. Move the program, or name other Paths.")));
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> OpenedOf(McpServerEntry server) => server.Paths.Concat(server.Command is { } command ? [Path.GetDirectoryName(command) ?? "/"] : []);

    private bool IsClosed(string path) => workspaces.Value.Closed.Append(worker.Value.DataFolder).Where(Path.IsPathRooted).Select(Plain)
        .Any(own => RealPath.IsWithin(own, Plain(path)) || RealPath.IsWithin(Plain(path), own));

    private static string Plain(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
}

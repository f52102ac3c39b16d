using Gateway.Contracts.McpServers;
using Gateway.Contracts.Values;
using Gateway.Contracts.Workspaces;
using Gateway.Execution.Credentials;
using Gateway.Execution.Runs;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.McpServers;

/// <summary>
/// Finds the MCP servers of a run by name, and judges by this worker's own settings whether they are open to it: what the edge has let
/// through counts for nothing here. The texts of its refusals name no path and no value.
/// </summary>
internal sealed class McpServerShelf(IOptions<McpServersOptions> options)
{
    /// <summary>The servers of a run.</summary>
    /// <param name="names">Their names; null for none.</param>
    /// <param name="tenant">Tenant of the job.</param>
    /// <param name="provider">The CLI that is to run.</param>
    /// <exception cref="RunRefusedException">One is not there, not open to the job, or cannot be used: <c>rejected</c>, naming it.</exception>
    public IReadOnlyList<McpServer> Take(IReadOnlyList<string>? names, string tenant, string provider) => [.. (names ?? []).Select(name => Take(name, tenant, provider))];

    private McpServer Take(string name, string tenant, string provider)
    {
        // Names differ in case too: the CLI makes names of tools of them.
        if (options.Value.FirstOrDefault(one => one.Key == name).Value is not { } entry || !entry.IsOpenTo(tenant, provider))
        {
            throw Rejected(name, $"is not known to this worker, or not open to this job. Add {McpServersOptions.Section}:{name} there as it is on the gateway, or leave it out of mcpServers.");
        }

        if (McpServerCheck.FaultOf(name, entry) is { } fault)
        {
            throw Rejected(name, fault);
        }

        return new McpServer(
            name,
            entry,
            Whole(name, entry.Environment, entry.EnvironmentFiles),
            Whole(name, entry.Headers, entry.HeaderFiles),
            [.. PathsOf(entry).Distinct(StringComparer.Ordinal)]);
    }

    // A program that is reached by a link lies, with what it needs, where the link leads.
    private static IEnumerable<string> PathsOf(McpServerEntry entry) => entry.Command is { Length: > 0 } command
        ? ((string?[])[Path.GetDirectoryName(command), Path.GetDirectoryName(RealPath.Of(command))]).OfType<string>().Concat(entry.Paths).Where(Path.Exists)
        : [];

    private static Dictionary<string, string> Whole(string name, Dictionary<string, string> values, Dictionary<string, string> files)
    {
        try
        {
            return values.Concat(files.Select(file => KeyValuePair.Create(file.Key, File.ReadAllText(file.Value).Trim()))).ToDictionary(StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Rejected(name, CredentialFile.Unreadable);
        }
    }

    private static RunRefusedException Rejected(string name, string what) => RunRefusedException.Of(FailureKinds.Rejected, $"The MCP server '{name}' {what}");
}

using Gateway.Contracts.McpServers;
using Gateway.Contracts.Values;
using Gateway.Execution.Credentials;
using Gateway.Execution.Runs;
using Gateway.Execution.Workspaces;
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

        if (entry.Command is { Length: > 0 } command && !File.Exists(command))
        {
            throw Rejected(name, $"has no program on this worker. Install it, or correct {McpServersOptions.Section}:{name}:Command there.");
        }

        return new McpServer(
            name,
            entry,
            Whole(name, nameof(entry.EnvironmentFiles), entry.Environment, entry.EnvironmentFiles),
            Whole(name, nameof(entry.HeaderFiles), entry.Headers, entry.HeaderFiles),
            [.. PathsOf(entry).Distinct(StringComparer.Ordinal)]);
    }

    // A program that is reached by a link lies, with what it needs, where the link leads.
    private static IEnumerable<string> PathsOf(McpServerEntry entry) => entry.Command is { Length: > 0 } command
        ? ((string?[])[Path.GetDirectoryName(command), Path.GetDirectoryName(RealPath.Of(command))]).OfType<string>().Concat(entry.Paths).Where(Path.Exists)
        : [];

    private static Dictionary<string, string> Whole(string name, string member, Dictionary<string, string> values, Dictionary<string, string> files)
    {
        var whole = new Dictionary<string, string>(values, StringComparer.Ordinal);
        foreach (var (key, path) in files)
        {
            whole[key] = Read(name, $"{McpServersOptions.Section}:{name}:{member}:{key}", path);
        }

        return whole;
    }

    private static string Read(string name, string setting, string path)
    {
        if (CredentialFile.FaultOfSetting(setting, path) is { } fault)
        {
            throw Rejected(name, $"cannot be used: {setting} {fault}");
        }

        try
        {
            var value = File.ReadAllText(path).Trim();
            return CredentialFile.IsValue(value) && McpServerRules.IsPlain(value) ? value : throw Rejected(name, $"cannot be used: the file of {setting} is empty, more than one line, or holds $ before a name. Put the value alone there.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Rejected(name, $"cannot be used: {setting} {CredentialFile.Unreadable}");
        }
    }

    private static RunRefusedException Rejected(string name, string what) => RunRefusedException.Of(FailureKinds.Rejected, $"The MCP server '{name}' {what}");
}

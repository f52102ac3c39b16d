using Gateway.Contracts.McpServers;
using Gateway.Execution.Credentials;

namespace Gateway.Execution.McpServers;

/// <summary>What must hold on this machine of a registered MCP server: that its program is there, and that its files can be used.</summary>
public static class McpServerCheck
{
    /// <summary>What is wrong with it, as the rest of a sentence that begins with the server; null when nothing is. Values are told nowhere.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="entry">As it is registered; the settings themselves are right.</param>
    public static string? FaultOf(string name, McpServerEntry entry) => entry.Command is { Length: > 0 } command && !File.Exists(command)
        ? $"has no program on this worker. Install it, or correct {McpServersOptions.Section}:{name}:Command there."
        : entry.EnvironmentFiles.Select(file => (Member: nameof(entry.EnvironmentFiles), file.Key, file.Value))
            .Concat(entry.HeaderFiles.Select(file => (Member: nameof(entry.HeaderFiles), file.Key, file.Value)))
            .Select(file => FileFaultOf($"{McpServersOptions.Section}:{name}:{file.Member}:{file.Key}", file.Value))
            .FirstOrDefault(fault => fault is not null);

    private static string? FileFaultOf(string setting, string path)
    {
        try
        {
            return CredentialFile.FaultOfSetting(setting, path) is { } fault ? $"cannot be used: {setting} {fault}"
                : McpServerRules.IsPlain(File.ReadAllText(path).Trim()) ? null
                : $"cannot be used: the file of {setting} holds $ before a name, in whose place a CLI would put a variable of its own. Use another value.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"cannot be used: {setting} {CredentialFile.Unreadable}";
        }
    }
}

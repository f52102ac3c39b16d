using Gateway.Contracts.McpServers;

namespace Gateway.Execution.McpServers;

/// <summary>An MCP server that a run has, with all its CLI must know to reach it. Holds secrets: never logged, stored or sent but in the CLI's own settings.</summary>
/// <param name="Name">Its name, which may be said aloud.</param>
/// <param name="Entry">As it is registered.</param>
/// <param name="Environment">Variables of its program, those from files too.</param>
/// <param name="Headers">Headers of its address, those from files too.</param>
/// <param name="ReadOnlyPaths">Absolute paths without which its program cannot start.</param>
public sealed record McpServer(
    string Name, McpServerEntry Entry, IReadOnlyDictionary<string, string> Environment, IReadOnlyDictionary<string, string> Headers, IReadOnlyList<string> ReadOnlyPaths)
{
    /// <summary>Values from files: what a run's stored output must not tell.</summary>
    public IEnumerable<string> Secrets => Entry.EnvironmentFiles.Keys.Select(key => Environment[key]).Concat(Entry.HeaderFiles.Keys.Select(key => Headers[key]));

    /// <summary>Says nothing of its values.</summary>
    public override string ToString() => Name;
}

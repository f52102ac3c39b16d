using System.Text.Json.Nodes;
using Gateway.Hosting.Settings;

namespace Gateway.Cli.Settings;

/// <summary>What can be said of a program's settings without its start: of a worker, else of a gateway, with given arguments.</summary>
/// <param name="FaultsOf">Every wrong setting.</param>
/// <param name="ReportOf">Every setting, who has set it, and what is odd; secrets masked.</param>
/// <param name="CredentialsOf">Each credential of the settings with what is wrong with it, null for nothing. Never a value.</param>
/// <param name="McpServersOf">Each MCP server of the settings with what is wrong with it on this machine, null for nothing. Never a value.</param>
/// <param name="PoliciesOf">The policies that a gateway with these arguments would load, as a running one tells them; null where its settings are too wrong for that.</param>
internal sealed record HouseSettings(
    Func<bool, string[], IReadOnlyList<string>> FaultsOf,
    Func<bool, string[], SettingsReport> ReportOf,
    Func<string[], IReadOnlyList<(string Name, string Kind, string? Fault)>> CredentialsOf,
    Func<string[], IReadOnlyList<(string Name, string? Fault)>> McpServersOf,
    Func<string[], JsonObject?> PoliciesOf);

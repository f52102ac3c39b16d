using Gateway.Contracts.McpServers;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Mcp.Servers;

/// <summary>Section <c>McpServers</c>: the MCP servers that callers may name. How they are reached their workers know.</summary>
internal sealed class RegisteredServersOptions() : Dictionary<string, McpServerEntry>(StringComparer.OrdinalIgnoreCase)
{
    /// <summary>Name of the section.</summary>
    public const string Section = McpServerRules.Section;
}

/// <summary>Refuses settings at start, naming them.</summary>
internal sealed class RegisteredServersValidator : IValidateOptions<RegisteredServersOptions>
{
    public ValidateOptionsResult Validate(string? name, RegisteredServersOptions options) =>
        McpServerRules.FaultsOf(options) is { Count: > 0 } faults ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
}

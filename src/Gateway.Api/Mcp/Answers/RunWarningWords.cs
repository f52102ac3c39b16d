using Gateway.Contracts.Values;

namespace Gateway.Api.Mcp.Answers;

/// <summary>Says in words what a run warned of: fixed phrases, since the name of a tool or a path would be an agent's text.</summary>
internal static class RunWarningWords
{
    private static readonly Dictionary<string, string> Phrases = new(StringComparer.Ordinal)
    {
        [RunWarnings.PermissionDenied] = "The CLI refused tool uses of the agent. If they were wanted, allow them with allowedTools or another permissionMode.",
        [RunWarnings.McpServerFailed] = "An MCP server of mcpServers did not come up, so the agent worked without its tools. Ask the operator to look at it on the worker.",
        [RunWarnings.EmptyOutput] = "The run succeeded, but its answer holds no text.",
    };

    /// <summary>The warnings of these codes; null when there are none.</summary>
    public static IReadOnlyList<Warning>? Of(IReadOnlyList<string> codes)
    {
        var warnings = codes.Where(Phrases.ContainsKey).Select(code => new Warning(code, Phrases[code])).ToList();
        return warnings.Count > 0 ? warnings : null;
    }
}

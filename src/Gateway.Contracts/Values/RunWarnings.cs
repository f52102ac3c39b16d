namespace Gateway.Contracts.Values;

/// <summary>The codes of <see cref="RunResult.Warnings"/>: what a caller should know of a run that ended all the same. Wire format: never renamed.</summary>
public static class RunWarnings
{
    /// <summary>The CLI refused uses of tools to the model.</summary>
    public const string PermissionDenied = "permission_denied";

    /// <summary>The CLI succeeded and its answer holds no text.</summary>
    public const string EmptyOutput = "empty_output";

    /// <summary>An MCP server that the run was to have did not come up.</summary>
    public const string McpServerFailed = "mcp_server_failed";

    /// <summary>Every code.</summary>
    public static IReadOnlyList<string> All { get; } = [PermissionDenied, EmptyOutput, McpServerFailed];
}

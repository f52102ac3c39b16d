namespace Gateway.Api.Mcp.Answers;

/// <summary>MCP servers of a run by name.</summary>
/// <param name="Requested">As the call named them.</param>
/// <param name="Enabled">Those that its CLI will be told of.</param>
internal sealed record McpServersAnswer(IReadOnlyList<string> Requested, IReadOnlyList<string> Enabled);

namespace Gateway.Api.Mcp.Answers;

/// <summary>What a caller should know about a call that was taken, or a run that has ended.</summary>
/// <param name="Code">A word of the tool contract, such as <c>unknown_tool</c>.</param>
/// <param name="Message">In words.</param>
/// <param name="Field">The argument.</param>
internal sealed record Warning(string Code, string Message, string? Field = null);

namespace Gateway.Api.Mcp.Arguments;

/// <summary>One thing that is wrong with a call.</summary>
/// <param name="Field">The argument, such as <c>allowedTools[2]</c>.</param>
/// <param name="Value">As sent, cut at 80 characters; of prompts, system prompts and schemas only the length.</param>
/// <param name="Limit">What is allowed.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record ArgumentFault(string Field, string Value, string Limit, string Remedy);

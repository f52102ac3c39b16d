using Gateway.Api.Mcp.Arguments;

namespace Gateway.Api.Mcp.Tools;

/// <summary>Arguments that several job tools share.</summary>
internal static class JobArguments
{
    /// <summary>Any text that is no id is an unknown job, so the table has no pattern.</summary>
    public static TextSpec JobId { get; } = new("jobId", 0, 128) { Required = true, Remedy = "send the jobId that the start of the job answered" };
}

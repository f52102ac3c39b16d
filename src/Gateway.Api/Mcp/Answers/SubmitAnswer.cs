using Gateway.Jobs.Approvals;
using Gateway.Jobs.Reading;

namespace Gateway.Api.Mcp.Answers;

/// <summary>What a starter and a retry answer at once.</summary>
internal sealed record SubmitAnswer
{
    public bool Success => true;

    public required string JobId { get; init; }

    public required JobView Job { get; init; }

    /// <summary>What the job waits for, when a person has to agree.</summary>
    public PendingApproval? Approval { get; init; }

    public Guid? SessionId { get; init; }

    /// <summary>The MCP servers of the run, when it was to have any.</summary>
    public McpServersAnswer? McpServers { get; init; }

    public IReadOnlyList<Warning>? Warnings { get; init; }
}

using Gateway.Jobs.Approvals;
using Gateway.Jobs.Reading;

namespace Gateway.Api.Mcp.Answers;

/// <summary>What status and cancel answer.</summary>
internal sealed record JobAnswer
{
    public bool Success => true;

    /// <summary>Cancel only.</summary>
    public string? JobId { get; init; }

    public required JobView Job { get; init; }

    /// <summary>Status only: what the job waits for, when a person has to agree.</summary>
    public PendingApproval? Approval { get; init; }
}

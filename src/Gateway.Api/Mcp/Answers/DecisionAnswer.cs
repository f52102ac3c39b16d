using Gateway.Jobs.Reading;

namespace Gateway.Api.Mcp.Answers;

/// <summary>What <c>approval_decide</c> answers.</summary>
internal sealed record DecisionAnswer
{
    public bool Success => true;

    public required ApprovalView Approval { get; init; }

    /// <summary>The job that waited for it, after the decision.</summary>
    public JobView? Job { get; init; }
}

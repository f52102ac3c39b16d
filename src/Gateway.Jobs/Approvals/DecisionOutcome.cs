using Gateway.Jobs.Reading;

namespace Gateway.Jobs.Approvals;

/// <summary>What became of a decision.</summary>
public abstract record DecisionOutcome
{
    private DecisionOutcome()
    {
    }

    /// <summary>It counts.</summary>
    /// <param name="Record">The request after it.</param>
    /// <param name="Job">The job that waited for it; null in mode <c>repeat</c>.</param>
    public sealed record Decided(ApprovalRecord Record, JobView? Job) : DecisionOutcome;

    /// <summary>The request is closed: somebody else was faster, it has expired, or it is void.</summary>
    /// <param name="Record">How it was closed.</param>
    public sealed record Closed(ApprovalRecord Record) : DecisionOutcome;

    /// <summary>The request is of the one who decides.</summary>
    public sealed record Own : DecisionOutcome;

    /// <summary>The policy of the day cannot be applied; nothing was decided.</summary>
    public sealed record Unavailable : DecisionOutcome;

    /// <summary>There is no such request in the tenant.</summary>
    public sealed record Unknown : DecisionOutcome;
}

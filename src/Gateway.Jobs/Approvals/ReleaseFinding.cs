using Gateway.Contracts.Events;
using Gateway.Jobs.Audit;

namespace Gateway.Jobs.Approvals;

/// <summary>Why a job is not released although it is its turn: what its lifecycle is told in place of a command.</summary>
public abstract record ReleaseFinding
{
    private ReleaseFinding()
    {
    }

    /// <summary>What is recorded of it.</summary>
    public required AuditRecord Record { get; init; }

    /// <summary>The policy of the day refuses the call.</summary>
    /// <param name="Message">What the lifecycle is told.</param>
    public sealed record Refused(ReleaseRefused Message) : ReleaseFinding;

    /// <summary>The consent is of another rule than the one in force.</summary>
    /// <param name="Message">What the lifecycle is told.</param>
    public sealed record AsksAnew(ApprovalVoided Message) : ReleaseFinding;
}

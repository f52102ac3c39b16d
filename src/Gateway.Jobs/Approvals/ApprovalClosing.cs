using Gateway.Contracts.Events;
using Gateway.Contracts.Values;

namespace Gateway.Jobs.Approvals;

/// <summary>How a request is closed, and what becomes of the job that waits for it.</summary>
public abstract record ApprovalClosing
{
    private ApprovalClosing()
    {
    }

    /// <summary>Who closes it: a grant value, or <c>operator:</c> and a user id; null for time and rules.</summary>
    public string? By { get; init; }

    /// <summary>What that person says, or why it is void.</summary>
    public string? Comment { get; init; }

    /// <summary>One of <see cref="ApprovalStatus"/>.</summary>
    public abstract string Status { get; }

    /// <summary>A person agrees: the job goes to the queue.</summary>
    public sealed record Approve : ApprovalClosing
    {
        /// <inheritdoc />
        public override string Status => ApprovalStatus.Approved;
    }

    /// <summary>A person says no: the job fails.</summary>
    public sealed record Reject : ApprovalClosing
    {
        /// <inheritdoc />
        public override string Status => ApprovalStatus.Rejected;
    }

    /// <summary>Nobody has decided in time: the job fails.</summary>
    public sealed record Expire : ApprovalClosing
    {
        /// <inheritdoc />
        public override string Status => ApprovalStatus.Expired;
    }

    /// <summary>The rule of the day asks nobody: the job goes to the queue under it.</summary>
    /// <param name="RuleHash">Hash of that rule.</param>
    public sealed record Release(string RuleHash) : ApprovalClosing
    {
        /// <inheritdoc />
        public override string Status => ApprovalStatus.Void;
    }

    /// <summary>The rule of the day refuses the call: the job fails.</summary>
    /// <param name="Failure">Why.</param>
    public sealed record Refuse(PolicyFailure Failure) : ApprovalClosing
    {
        /// <inheritdoc />
        public override string Status => ApprovalStatus.Void;
    }

    /// <summary>The rule of the day asks otherwise: a new request takes its place.</summary>
    /// <param name="Voided">What it asks.</param>
    public sealed record Replace(ApprovalVoided Voided) : ApprovalClosing
    {
        /// <inheritdoc />
        public override string Status => ApprovalStatus.Void;
    }

    /// <summary>Nothing waits for it but a repeat of the call, which will ask anew.</summary>
    public sealed record Drop : ApprovalClosing
    {
        /// <inheritdoc />
        public override string Status => ApprovalStatus.Void;
    }
}

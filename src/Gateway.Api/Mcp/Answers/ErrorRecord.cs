using Gateway.Api.Mcp.Arguments;

namespace Gateway.Api.Mcp.Answers;

/// <summary>The error of a call.</summary>
internal sealed record ErrorRecord
{
    /// <summary>One of <see cref="ErrorKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>What was wrong and what to do, at most 500 characters.</summary>
    public required string Message { get; init; }

    /// <summary>Whether the same call may succeed later.</summary>
    public required bool Retryable { get; init; }

    /// <summary>Argument of the first fault.</summary>
    public string? Field { get; init; }

    /// <summary>The number in force.</summary>
    public decimal? Limit { get; init; }

    /// <summary>What is left of it.</summary>
    public decimal? Remaining { get; init; }

    /// <summary>At least 1, whenever waiting helps.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>Where a refusal of the policy comes from: a rule pointer.</summary>
    public string? Rule { get; init; }

    /// <summary>The reason of that rule.</summary>
    public string? Reason { get; init; }

    /// <summary>Hash of the policy.</summary>
    public string? PolicyHash { get; init; }

    /// <summary>The request that a person decides.</summary>
    public string? ApprovalId { get; init; }

    /// <summary>When that request ends.</summary>
    public DateTimeOffset? ApprovalExpiresAt { get; init; }

    /// <summary>All faults of the call.</summary>
    public IReadOnlyList<ArgumentFault>? Faults { get; init; }
}

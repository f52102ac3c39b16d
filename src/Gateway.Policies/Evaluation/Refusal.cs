namespace Gateway.Policies.Evaluation;

/// <summary>A call that may not pass, as its caller is told. Holds no value of an argument.</summary>
public sealed record Refusal
{
    /// <summary>One of <see cref="RefusalKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Rule pointer: where the refusal comes from.</summary>
    public required string Rule { get; init; }

    /// <summary>Why, at most 500 characters.</summary>
    public required string Reason { get; init; }

    /// <summary>Hash of the policy; null when none was found.</summary>
    public string? PolicyHash { get; init; }

    /// <summary>Whole seconds until a repeat can pass, at least 1; null when waiting alone does not help.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>The limit that was met.</summary>
    public decimal? Limit { get; init; }

    /// <summary>What is left of it; null where others would be seen by it (scope <c>global</c>).</summary>
    public decimal? Remaining { get; init; }

    /// <summary>The request that a person has to decide.</summary>
    public Guid? ApprovalId { get; init; }

    /// <summary>When that request ends.</summary>
    public DateTimeOffset? ApprovalExpiresAt { get; init; }

    /// <summary>Whether the same call may pass later.</summary>
    public bool IsRetryable => Kind is not (RefusalKinds.PolicyDenied or RefusalKinds.ApprovalRejected);
}

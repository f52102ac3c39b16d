namespace Gateway.Jobs.Reading;

/// <summary>Why a job failed.</summary>
public sealed record JobFailure
{
    /// <summary>One of <see cref="Gateway.Contracts.Values.FailureKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>What went wrong and what to do.</summary>
    public required string Message { get; init; }

    /// <summary>Whether the same request may succeed later.</summary>
    public required bool Retryable { get; init; }

    /// <summary>Seconds until a repeat can help.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>Signal from outside that ended the process.</summary>
    public string? Signal { get; init; }

    /// <summary>HTTP status of the model provider.</summary>
    public int? ApiStatus { get; init; }

    /// <summary>Rule pointer, when a policy or a person kept the job from starting.</summary>
    public string? Rule { get; init; }

    /// <summary>Then why, in the words of the rule or of the person.</summary>
    public string? Reason { get; init; }

    /// <summary>Hash of the policy whose rule that is; null when none was found.</summary>
    public string? PolicyHash { get; init; }

    /// <summary>The request that was refused or that nobody decided.</summary>
    public string? ApprovalId { get; init; }
}

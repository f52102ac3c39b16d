namespace Gateway.Contracts.Events;

/// <summary>The tool's rule is another one than a person was asked about, and still asks: the job waits for a new decision.</summary>
public sealed record ApprovalVoided
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The request, or the consent, that counts no more.</summary>
    public required Guid ApprovalId { get; init; }

    /// <summary>How long an answer is waited for.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Why a person is asked.</summary>
    public required string Reason { get; init; }

    /// <summary>Rule pointer.</summary>
    public required string Rule { get; init; }

    /// <summary>Name of the policy.</summary>
    public required string Policy { get; init; }

    /// <summary>Hash of the policy.</summary>
    public required string PolicyHash { get; init; }

    /// <summary>Hash of the tool's rule.</summary>
    public required string RuleHash { get; init; }
}

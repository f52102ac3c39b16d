namespace Gateway.Contracts.Values;

/// <summary>Why a job ended without a run: a rule or a person kept it from starting.</summary>
public sealed record PolicyFailure
{
    /// <summary>One of <see cref="FailureKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Rule pointer.</summary>
    public required string Rule { get; init; }

    /// <summary>Words for the owner; holds no value of an argument.</summary>
    public required string Reason { get; init; }

    /// <summary>Hash of the policy whose rule that is; null when none was found.</summary>
    public string? PolicyHash { get; init; }
}

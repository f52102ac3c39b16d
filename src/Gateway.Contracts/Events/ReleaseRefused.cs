using Gateway.Contracts.Values;

namespace Gateway.Contracts.Events;

/// <summary>A job that has waited may not start any more: the policy of the day refuses its call.</summary>
public sealed record ReleaseRefused
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The attempt that was to be released.</summary>
    public required int Attempt { get; init; }

    /// <summary>Why, for the owner.</summary>
    public required PolicyFailure Failure { get; init; }
}

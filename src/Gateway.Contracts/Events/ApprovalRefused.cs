using Gateway.Contracts.Values;

namespace Gateway.Contracts.Events;

/// <summary>A job that waited for a person may not start: somebody said no, nobody answered, or the rule of the day refuses it.</summary>
public sealed record ApprovalRefused
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The request that is closed by it.</summary>
    public required Guid ApprovalId { get; init; }

    /// <summary>Why, for the owner.</summary>
    public required PolicyFailure Failure { get; init; }
}

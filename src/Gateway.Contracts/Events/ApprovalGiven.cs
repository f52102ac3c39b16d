namespace Gateway.Contracts.Events;

/// <summary>A job that waited for a person may start: a person agreed, or the rule of the day asks nobody.</summary>
public sealed record ApprovalGiven
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The request that is closed by it.</summary>
    public required Guid ApprovalId { get; init; }

    /// <summary>Hash of the tool's rule that the job may start under.</summary>
    public required string RuleHash { get; init; }
}

namespace Gateway.Contracts.Events;

/// <summary>A job has waited for a worker for as long as the operator lets one wait.</summary>
public sealed record QueueWaitEnded
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The attempt that would come next.</summary>
    public required int Attempt { get; init; }
}

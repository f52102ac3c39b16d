namespace Gateway.Contracts.Events;

/// <summary>The process of an attempt is running.</summary>
public sealed record RunStarted
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>The worker that runs it.</summary>
    public required Guid WorkerId { get; init; }

    /// <summary>Epoch of that worker.</summary>
    public required long Epoch { get; init; }

    /// <summary>Start of the process.</summary>
    public required DateTimeOffset StartedAt { get; init; }
}

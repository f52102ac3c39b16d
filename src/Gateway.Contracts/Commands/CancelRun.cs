namespace Gateway.Contracts.Commands;

/// <summary>Tells the worker that holds an attempt to stop it. Repeated by each heartbeat's answer until it is done.</summary>
public sealed record CancelRun
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }
}

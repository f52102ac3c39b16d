namespace Gateway.Contracts.Events;

/// <summary>The time of a parked job has come: it goes back to the queue.</summary>
public sealed record ParkingEnded
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The attempt that was parked.</summary>
    public required int Attempt { get; init; }
}

namespace Gateway.Contracts.Events;

/// <summary>
/// An attempt was lost: its lease ran out, or its worker came back without its runner. Nothing of it runs any more.
/// </summary>
public sealed record AttemptLost
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>The worker that reports the loss of its runner; null when the lease ran out.</summary>
    public Guid? WorkerId { get; init; }

    /// <summary>Epoch of that worker.</summary>
    public long? Epoch { get; init; }

    /// <summary>For the log: <c>lease</c> or <c>runner</c>.</summary>
    public required string Cause { get; init; }
}

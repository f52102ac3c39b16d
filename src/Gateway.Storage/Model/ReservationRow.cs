namespace Gateway.Storage.Model;

/// <summary>A budget that a job has reserved in a counter. Goes when the real cost has taken its place.</summary>
public sealed class ReservationRow
{
    public Guid JobId { get; init; }

    /// <summary>Key of the counter, in the window of the reservation.</summary>
    public string CounterKey { get; init; } = null!;

    /// <summary>Millionths.</summary>
    public long AmountMicros { get; init; }
}

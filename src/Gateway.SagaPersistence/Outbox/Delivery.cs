namespace Gateway.SagaPersistence.Outbox;

/// <summary>One message under way in this process.</summary>
internal sealed class Delivery(long seq, string destination, long handedAt)
{
    public long Seq { get; } = seq;

    public string Destination { get; } = destination;

    /// <summary>Timestamp of the monotonic clock.</summary>
    public long HandedAt { get; } = handedAt;

    /// <summary>An endpoint has begun to receive it.</summary>
    public bool Received { get; set; }

    /// <summary>Why the consumer gave up; null while it did not.</summary>
    public string? Fault { get; set; }

    /// <summary>The consumer was interrupted by a stop: nobody's fault, so the row lives.</summary>
    public bool Interrupted { get; set; }
}

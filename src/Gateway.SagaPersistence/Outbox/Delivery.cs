namespace Gateway.SagaPersistence.Outbox;

/// <summary>One message under way in this process.</summary>
internal sealed class Delivery(long seq, string destination)
{
    public long Seq { get; } = seq;

    public string Destination { get; } = destination;

    /// <summary>Where it stands while its queue has enough in the transport; null before and after.</summary>
    public LinkedListNode<(Delivery Delivery, OutboxRow Row)>? Place { get; set; }

    /// <summary>Timestamp of the monotonic clock; null while it is not handed to the transport.</summary>
    public long? HandedAt { get; set; }

    /// <summary>An endpoint has begun to receive it.</summary>
    public bool Received { get; set; }

    /// <summary>Why the consumer gave up; null while it did not.</summary>
    public string? Fault { get; set; }

    /// <summary>The consumer was interrupted by a stop: nobody's fault, so the row lives.</summary>
    public bool Interrupted { get; set; }
}

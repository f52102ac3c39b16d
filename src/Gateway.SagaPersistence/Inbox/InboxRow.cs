namespace Gateway.SagaPersistence.Inbox;

/// <summary>The mark that a consumer has had a message; written in the transaction of the effect.</summary>
public sealed class InboxRow
{
    public Guid MessageId { get; set; }

    /// <summary>Computed by MassTransit from consumer or saga type, message type and endpoint name.</summary>
    public Guid ConsumerId { get; set; }

    /// <summary>When it was consumed (Unix ms); rows older than the retention are removed.</summary>
    public long ReceivedMs { get; set; }
}

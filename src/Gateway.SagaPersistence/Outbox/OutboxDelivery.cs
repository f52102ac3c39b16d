namespace Gateway.SagaPersistence.Outbox;

/// <summary>When a row of the outbox may go.</summary>
public enum OutboxDelivery
{
    /// <summary>Embedded, in-memory transport: the row stays until its message has been consumed. The queue in memory is only a
    /// doorbell; what a crash leaves in the table is sent again at the next start.</summary>
    DeleteWhenConsumed,

    /// <summary>A broker keeps the message: the row goes when the send has returned (publisher confirm).</summary>
    DeleteWhenConfirmed,
}

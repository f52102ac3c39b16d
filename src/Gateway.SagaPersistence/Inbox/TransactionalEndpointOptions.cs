using Gateway.SagaPersistence.Writing;

namespace Gateway.SagaPersistence.Inbox;

/// <summary>How one receive endpoint uses the transaction.</summary>
public sealed class TransactionalEndpointOptions
{
    /// <summary>Write an inbox row per message, so that a duplicate is denied. Default: true. Switch it off (saves about 0.2 ms) only where
    /// every consumer is idempotent by itself, such as one that compares an attempt number or an offset.</summary>
    public bool Inbox { get; set; } = true;

    /// <summary>The place at the write gate. Default: <see cref="WritePriority.Completion"/>.</summary>
    public WritePriority Priority { get; set; } = WritePriority.Completion;
}

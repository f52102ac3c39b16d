using Gateway.SagaPersistence.Writing;
using MassTransit.Middleware;

namespace Gateway.SagaPersistence.Inbox;

/// <summary>What the factory is told about the consumer of one message type at one endpoint.</summary>
internal sealed class TransactionalConsumeOptions : OutboxConsumeOptions
{
    public required bool Inbox { get; init; }

    public required WritePriority Priority { get; init; }

    public required MessageUsers Users { get; init; }
}

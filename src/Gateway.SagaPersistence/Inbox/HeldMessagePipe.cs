using MassTransit;
using MassTransit.Context;

namespace Gateway.SagaPersistence.Inbox;

/// <summary>Makes a send look like the one that was held back.</summary>
internal sealed class HeldMessagePipe<T>(SendContext<T> held) : IPipe<SendContext<T>>
    where T : class
{
    public Task Send(SendContext<T> context)
    {
        context.MessageId = held.MessageId;
        context.RequestId = held.RequestId;
        context.ConversationId = held.ConversationId;
        context.CorrelationId = held.CorrelationId;
        context.InitiatorId = held.InitiatorId;
        context.SourceAddress = held.SourceAddress;
        context.ResponseAddress = held.ResponseAddress;
        context.FaultAddress = held.FaultAddress;
        context.TimeToLive = held.TimeToLive;
        context.Delay = held.Delay;
        context.Durable = held.Durable;
        context.SupportedMessageTypes = held.SupportedMessageTypes;
        foreach (var header in held.Headers.GetAll())
        {
            context.Headers.Set(header.Key, header.Value);
        }

        if (held is TransportSendContext from && context is TransportSendContext to)
        {
            var properties = new Dictionary<string, object>();
            from.WritePropertiesTo(properties);
            to.ReadPropertiesFrom(properties);
        }

        return Task.CompletedTask;
    }

    public void Probe(ProbeContext context)
    {
    }
}

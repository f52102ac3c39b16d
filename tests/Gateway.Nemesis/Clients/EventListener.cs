using System.Collections.Concurrent;
using System.Text.Json;
using Gateway.Nemesis.History;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Gateway.Nemesis.Clients;

/// <summary>A service that subscribed to the public events, with a durable queue of its own.</summary>
internal sealed class EventListener : IAsyncDisposable
{
    private const string Queue = "nemesis-subscriber";
    private static readonly string[] Kinds = ["AgentJobStarted", "AgentJobRetrying", "AgentJobCompleted", "AgentJobFailed", "AgentJobCanceled"];

    private readonly ConcurrentQueue<HeardEvent> _heard = new();
    private readonly BrokerLink _link;

    public EventListener(Uri amqp) => _link = new BrokerLink(amqp, SetUpAsync);

    public IReadOnlyList<HeardEvent> Heard => [.. _heard];

    public Task StartAsync(CancellationToken cancellationToken) => _link.StartAsync(cancellationToken);

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private async Task SetUpAsync(IChannel channel, CancellationToken cancellationToken)
    {
        await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }, cancellationToken: cancellationToken);
        foreach (var kind in Kinds)
        {
            var exchange = $"Gateway.Contracts.Events:{kind}";
            await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);
            await channel.QueueBindAsync(Queue, exchange, "", cancellationToken: cancellationToken);
        }

        await channel.BasicQosAsync(0, 50, global: false, cancellationToken);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            Hear(delivery);
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false);
        };
        await channel.BasicConsumeAsync(Queue, autoAck: false, consumer, cancellationToken);
    }

    private void Hear(BasicDeliverEventArgs delivery)
    {
        var message = JsonElement.Parse(delivery.Body.Span).GetProperty("message");
        _heard.Enqueue(new HeardEvent(
            delivery.Exchange.Split(':')[^1], message.GetProperty("eventId").GetGuid(), Guid.Parse(delivery.BasicProperties.MessageId!), message.GetProperty("jobId").GetGuid(), message.GetProperty("attempt").GetInt32()));
    }
}

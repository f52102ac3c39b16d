using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Gateway.Nemesis.Clients;

/// <summary>Keeps copies of what goes over the gateways' own exchanges, and sends them again when asked: the same bytes under the same message id.</summary>
internal sealed class MessageTap : IAsyncDisposable
{
    public const string Lifecycle = "gateway-job-lifecycle";
    public const string RunCommands = "gateway-run-claude";

    private const string Queue = "nemesis-tap";
    private const string Mark = "nemesis";
    private const int MostKept = 4_000;
    private const int LargestKeptBytes = 32 * 1024;

    private static readonly string[] Exchanges = [Lifecycle, RunCommands, "gateway-claim", "gateway-heartbeat", "gateway-run-output"];

    private readonly Lock _lock = new();
    private readonly Queue<Copy> _copies = new();
    private readonly BrokerLink _link;

    public MessageTap(Uri amqp) => _link = new BrokerLink(amqp, SetUpAsync);

    /// <summary>What was sent again.</summary>
    public int Sent { get; private set; }

    public Task StartAsync(CancellationToken cancellationToken) => _link.StartAsync(cancellationToken);

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    /// <summary>Sends copies of the newest messages again, or of ones that are long over and in no order. Of heartbeats and output few, since there are many.</summary>
    public async Task<int> SendAgainAsync(int count, bool old, Random random, CancellationToken cancellationToken)
    {
        List<Copy> kept;
        lock (_lock)
        {
            kept = [.. _copies];
        }

        var chosen = old ? kept.Take(kept.Count * 3 / 4).ToList() : [.. kept.TakeLast(count * 4)];
        var shuffled = chosen.OrderBy(_ => random.Next()).OrderBy(c => c.Exchange is Lifecycle or RunCommands or "gateway-claim" ? 0 : 1).ToList();
        var picked = shuffled.Take(count * 3 / 4).Concat(shuffled.TakeLast(count / 4)).Distinct().OrderBy(_ => random.Next()).ToList();
        var sent = 0;
        foreach (var copy in picked)
        {
            sent += await PublishAsync(copy.Exchange, new BasicProperties(copy.Properties), copy.Body, cancellationToken) ? 1 : 0;
        }

        Sent += sent;
        return sent;
    }

    /// <summary>Puts what is no message onto an exchange; its id, null when the broker did not take it.</summary>
    public async Task<string?> SendPoisonAsync(string exchange, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString();
        var properties = new BasicProperties { MessageId = id, ContentType = "application/vnd.masstransit+json", DeliveryMode = DeliveryModes.Persistent };
        return await PublishAsync(exchange, properties, Encoding.UTF8.GetBytes("this is not JSON"), cancellationToken) ? id : null;
    }

    /// <summary>The tap takes nothing from an exchange any more, or again: while a queue is deleted a command without its queue must come back.</summary>
    public async Task BindAsync(string exchange, bool bound, CancellationToken cancellationToken)
    {
        if (_link.Channel is { } channel)
        {
            await (bound
                ? channel.QueueBindAsync(Queue, exchange, "", cancellationToken: cancellationToken)
                : channel.QueueUnbindAsync(Queue, exchange, "", cancellationToken: cancellationToken));
        }
    }

    private async Task<bool> PublishAsync(string exchange, BasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (_link.Channel is not { } channel)
        {
            return false;
        }

        properties.Headers = new Dictionary<string, object?>(properties.Headers ?? new Dictionary<string, object?>()) { [Mark] = true };
        try
        {
            await channel.BasicPublishAsync(exchange, "", mandatory: false, properties, body, cancellationToken);
            return true;
        }
        catch (Exception away) when (away is not OperationCanceledException)
        {
            return false;
        }
    }

    private async Task SetUpAsync(IChannel channel, CancellationToken cancellationToken)
    {
        await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: cancellationToken);
        foreach (var exchange in Exchanges)
        {
            await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);
            await channel.QueueBindAsync(Queue, exchange, "", cancellationToken: cancellationToken);
        }

        await channel.BasicQosAsync(0, 200, global: false, cancellationToken);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            Keep(delivery);
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(Queue, autoAck: true, consumer, cancellationToken);
    }

    private void Keep(BasicDeliverEventArgs delivery)
    {
        if (delivery.Body.Length > LargestKeptBytes || delivery.BasicProperties.Headers?.ContainsKey(Mark) == true)
        {
            return;
        }

        lock (_lock)
        {
            _copies.Enqueue(new Copy(delivery.Exchange, new BasicProperties(delivery.BasicProperties), delivery.Body.ToArray()));
            if (_copies.Count > MostKept)
            {
                _copies.Dequeue();
            }
        }
    }

    /// <summary>A message as it went over the wire.</summary>
    private sealed record Copy(string Exchange, BasicProperties Properties, byte[] Body);
}

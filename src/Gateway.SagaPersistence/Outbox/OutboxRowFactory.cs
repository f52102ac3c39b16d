using System.Diagnostics;
using MassTransit;
using MassTransit.Context;
using MassTransit.Serialization;
using Microsoft.Extensions.Options;

namespace Gateway.SagaPersistence.Outbox;

/// <summary>Turns a message that is about to be sent into a row.</summary>
internal sealed class OutboxRowFactory(IOptions<SagaPersistenceOptions> options, IBus bus, TimeProvider clock)
{
    // MassTransit's name for it.
    private const string TraceHeader = "MT-Activity-Id";

    private readonly SagaPersistenceOptions options = options.Value;

    /// <summary>Marks the rows of this process, so that its first sweep takes only what others have left.</summary>
    public Guid Process { get; } = Guid.CreateVersion7(clock.GetUtcNow());

    public OutboxRow Create<T>(SendContext<T> context)
        where T : class
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var delay = (long)(context.Delay?.TotalMilliseconds ?? 0);
        KeepTrace(context);
        return new OutboxRow
        {
            MessageId = context.MessageId ??= NewId.NextGuid(),
            DueMs = now + delay,
            LockedUntilMs = delay > 0 ? 0 : LockFrom(now),
            Owner = Process,
            ExpiresMs = context.TimeToLive is { } life ? now + (long)life.TotalMilliseconds : null,
            CorrelationId = context.CorrelationId,
            Destination = context.DestinationAddress?.ToString()
                ?? throw new InvalidOperationException($"A message of type {typeof(T)} has no destination address."),
            ContentType = (context.ContentType ?? context.Serialization.DefaultContentType).ToString(),
            MessageType = string.Join(';', context.SupportedMessageTypes),
            Body = context.Serializer.GetMessageBody(context).GetString(),
            HeadersJson = Json(context.Headers.GetAll()),
            PropertiesJson = TransportProperties(context),
            Published = bus.Topology.TryGetPublishAddress<T>(out var subscribers) && subscribers == context.DestinationAddress,
        };
    }

    /// <summary>Embedded: for as long as the process lives, so that a message waiting in memory is not sent a second time.</summary>
    public long LockFrom(long nowMs) =>
        options.Delivery == OutboxDelivery.DeleteWhenConsumed ? OutboxRow.LockedForProcess : nowMs + (long)options.LockDuration.TotalMilliseconds;

    // The row is sent by a loop that belongs to no call; the transport continues the trace that it finds here.
    private static void KeepTrace(SendContext context)
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } current && !context.Headers.TryGetHeader(TraceHeader, out _))
        {
            context.Headers.Set(TraceHeader, current.Id);
        }
    }

    private static string? TransportProperties<T>(SendContext<T> context)
        where T : class
    {
        if (context is not TransportSendContext transport)
        {
            return null;
        }

        // The delay is in DueMs; stored with the properties as well, the transport would wait for it a second time.
        var (properties, delay) = (new Dictionary<string, object>(), context.Delay);
        context.Delay = null;
        transport.WritePropertiesTo(properties);
        context.Delay = delay;
        return properties.Count == 0 ? null : Json(properties);
    }

    private static string? Json(IEnumerable<KeyValuePair<string, object>> values) =>
        values.Any() ? SystemTextJsonMessageSerializer.Instance.SerializeDictionary(values) : null;
}

using MassTransit;
using MassTransit.Middleware;
using MassTransit.Serialization;

namespace Gateway.SagaPersistence.Outbox;

/// <summary>A row as MassTransit's re-send pipe wants to see it. What is null here keeps the value of the stored envelope.</summary>
internal sealed class StoredMessage(OutboxRow row, Uri destination) : OutboxMessageContext
{
    private static readonly Dictionary<string, object> NoProperties = [];

    public long SequenceNumber => row.Seq;

    public Guid MessageId => row.MessageId;

    public string ContentType => row.ContentType;

    public string MessageType => row.MessageType;

    public string Body => row.Body;

    public IReadOnlyDictionary<string, object> Properties { get; } =
        row.PropertiesJson is null ? NoProperties : SystemTextJsonMessageSerializer.Instance.DeserializeDictionary<object>(row.PropertiesJson) ?? NoProperties;

    public Headers Headers { get; } = row.HeadersJson is null
        ? EmptyHeaders.Instance
        : new DictionarySendHeaders(SystemTextJsonMessageSerializer.Instance.DeserializeDictionary<object?>(row.HeadersJson) ?? []);

    public DateTime? ExpirationTime => row.ExpiresMs is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms).UtcDateTime : null;

    public Guid? CorrelationId => row.CorrelationId;

    public Uri? DestinationAddress => destination;

    Guid? MessageContext.MessageId => row.MessageId;

    public Guid? RequestId => null;

    public Guid? ConversationId => null;

    public Guid? InitiatorId => null;

    public Uri? SourceAddress => null;

    public Uri? ResponseAddress => null;

    public Uri? FaultAddress => null;

    public DateTime? SentTime => null;

    public HostInfo Host => throw new NotSupportedException("The sending host is in the stored envelope.");
}

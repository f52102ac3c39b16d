using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using RabbitMQ.Client;

namespace Gateway.Hosting.Transports.RabbitMq.DeadLetters;

/// <summary>What stands on the outside of a message that nobody could take, and what of it stays when it is sent again.</summary>
internal static class LetterReading
{
    private const string Redrives = "Gateway-Redrives";
    private const string Origin = "Gateway-Parked-From";
    private const int IdBytes = 8;

    // What MassTransit and the broker wrote when they set it aside.
    private static readonly string[] Marks = ["MT-Fault-", "MT-Reason", "MT-Host-", "x-death", "x-first-death-", "x-last-death-", "x-delivery-count", Origin];

    /// <summary>Reads one.</summary>
    /// <param name="queue">Where it lies.</param>
    /// <param name="message">The message.</param>
    /// <param name="withBody">Show the headers and an outline of the body as well.</param>
    public static BrokerLetter Of(string queue, BasicGetResult message, bool withBody)
    {
        var properties = message.BasicProperties;
        var headers = properties.Headers;
        var parkedFrom = Text(headers, Origin);
        return new BrokerLetter(
            IdOf(message),
            queue,
            DestinationOf(parkedFrom ?? queue),
            parkedFrom is not null,
            properties.MessageId,
            Guid.TryParse(properties.CorrelationId, out var job) ? job : null,
            properties.Type ?? "",
            ReasonOf(headers),
            Number(headers, Redrives),
            message.Body.Length,
            withBody ? HeadersOf(headers) : null,
            withBody ? MessageOutline.Of(message.Body.Span) : null);
    }

    /// <summary>Its handle, from what does not change: not every message has an id of its own.</summary>
    public static string IdOf(BasicGetResult message)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(message.BasicProperties.MessageId ?? ""));
        hash.AppendData(message.Body.Span);
        return $"m{Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, IdBytes))}";
    }

    /// <summary>As it was before it was set aside, but for one more redrive and without an end of its time.</summary>
    public static BasicProperties ToRedrive(BasicGetResult message)
    {
        var properties = new BasicProperties(message.BasicProperties) { DeliveryMode = DeliveryModes.Persistent };
        properties.ClearExpiration();
        properties.Headers = (message.BasicProperties.Headers ?? new Dictionary<string, object?>())
            .Where(header => !Marks.Any(mark => header.Key.StartsWith(mark, StringComparison.Ordinal)))
            .ToDictionary();
        properties.Headers[Redrives] = Number(message.BasicProperties.Headers, Redrives) + 1;
        return properties;
    }

    /// <summary>As it is, and marked with where it lay.</summary>
    public static BasicProperties ToPark(string queue, BasicGetResult message)
    {
        var properties = new BasicProperties(message.BasicProperties) { DeliveryMode = DeliveryModes.Persistent };
        properties.ClearExpiration();
        properties.Headers = new Dictionary<string, object?>(message.BasicProperties.Headers ?? new Dictionary<string, object?>()) { [Origin] = queue };
        return properties;
    }

    private static string DestinationOf(string queue) => queue[..queue.LastIndexOf('_')];

    private static string ReasonOf(IDictionary<string, object?>? headers) => (Text(headers, "MT-Fault-ExceptionType"), Text(headers, "MT-Fault-Message")) switch
    {
        // A text of an exception may hold a piece of the message. Ours tells kinds, older letters have what MassTransit wrote.
        ({ } type, { } text) => MessageOutline.OfText(text) == text ? text : type,
        ({ } type, null) => type,
        _ when Text(headers, "x-first-death-reason") is { } reason => $"The broker set it aside: {reason}.",
        _ when Text(headers, "MT-Reason") == "dead-letter" => "No consumer understands it.",
        _ => Text(headers, "MT-Reason") ?? "",
    };

    private static Dictionary<string, string> HeadersOf(IDictionary<string, object?>? headers)
    {
        Dictionary<string, string> shown = [];
        foreach (var (name, value) in headers ?? new Dictionary<string, object?>())
        {
            if (Marks.Any(mark => name.StartsWith(mark, StringComparison.Ordinal)) && (Text(headers, name) ?? (value as IFormattable)?.ToString(null, CultureInfo.InvariantCulture)) is { } text)
            {
                shown[name] = MessageOutline.OfText(text);
            }
        }

        return shown;
    }

    private static string? Text(IDictionary<string, object?>? headers, string name) => headers?.TryGetValue(name, out var value) != true ? null : value switch
    {
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        string text => text,
        _ => null,
    };

    private static int Number(IDictionary<string, object?>? headers, string name) =>
        headers?.TryGetValue(name, out var value) == true && value is int or long ? Convert.ToInt32(value, CultureInfo.InvariantCulture) : 0;
}

using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Contracts;

namespace Gateway.Hosting.Transports;

/// <summary>
/// A message as it may be shown: its members, ids, times and numbers, and of each text that a caller, an agent or a person wrote the
/// length alone. What lies in a queue stays as it was sent, byte for byte; this is what leaves it for somebody's eyes. A member that a
/// contract gets tomorrow is shown by its length until <see cref="Words"/> names it.
/// </summary>
public static class MessageOutline
{
    private const int MostBytes = 64 * 1024;
    private const int LongestWord = 200;
    private const string Unknown = "(unknown)";

    /// <summary>Members with texts that the gateway or the transport chose: kinds, names of ours, addresses.</summary>
    internal static readonly FrozenSet<string> Words = FrozenSet.Create(
        StringComparer.Ordinal,
        "messageType", "sourceAddress", "destinationAddress", "responseAddress", "faultAddress", "machineName", "processName",
        "cause", "cli", "failureKind", "job", "kind", "phase", "policyHash", "pool", "provider", "ruleHash", "sha256", "signal", "source", "status", "tenant", "traceParent", "warnings", "workerName");

    private static readonly SearchValues<byte> WordBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/-+<>()[]`,?=&@"u8);
    private static readonly FrozenDictionary<string, Type> Members = MembersOf(typeof(EndpointNames).Assembly);

    /// <summary>The outline of a message, as a text of JSON of at most 64 KiB; what is longer ends with an ellipsis.</summary>
    /// <param name="body">The message.</param>
    public static string Of(ReadOnlySpan<byte> body)
    {
        try
        {
            var shown = OfJson(body);
            return shown.Length <= MostBytes ? Encoding.UTF8.GetString(shown) : $"{Encoding.UTF8.GetString(shown[..MostBytes])}…";
        }
        catch (JsonException)
        {
            return $"({body.Length} bytes that are not JSON)";
        }
    }

    /// <summary>A text from outside a message: itself where it is a word, else its length.</summary>
    /// <param name="text">The text, such as the value of a header.</param>
    public static string OfText(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return IsWord(bytes) ? text : LengthOf(bytes);
    }

    private static ReadOnlySpan<byte> OfJson(ReadOnlySpan<byte> body)
    {
        var shown = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(shown, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        var reader = new Utf8JsonReader(body);
        var above = new Stack<string>();
        var member = Unknown;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    member = NameOf(reader);
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    above.Push(member);
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    member = above.Pop();
                    break;
            }

            // Read to its end all the same: only then it is known to be JSON.
            if (writer.BytesCommitted + writer.BytesPending <= MostBytes)
            {
                Write(writer, reader, member);
            }
        }

        writer.Flush();
        return shown.WrittenSpan;
    }

    private static void Write(Utf8JsonWriter writer, Utf8JsonReader reader, string member)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                writer.WriteStartObject();
                break;
            case JsonTokenType.EndObject:
                writer.WriteEndObject();
                break;
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                break;
            case JsonTokenType.EndArray:
                writer.WriteEndArray();
                break;
            case JsonTokenType.PropertyName:
                writer.WritePropertyName(member);
                break;
            case JsonTokenType.True or JsonTokenType.False:
                writer.WriteBooleanValue(reader.GetBoolean());
                break;
            case JsonTokenType.Null:
                writer.WriteNullValue();
                break;
            case JsonTokenType.Number when IsWord(reader.ValueSpan) && IsNumber(Members.GetValueOrDefault(member)):
                writer.WriteRawValue(reader.ValueSpan);
                break;
            case JsonTokenType.String when IsWord(reader.ValueSpan) && MayBeShown(member, Encoding.ASCII.GetString(reader.ValueSpan)):
                writer.WriteStringValue(reader.ValueSpan);
                break;
            default:
                writer.WriteStringValue(LengthOf(reader.ValueSpan));
                break;
        }
    }

    // What the member is by its contract: a secret in the place of an id is none.
    private static bool MayBeShown(string member, string text) => Members.GetValueOrDefault(member) switch
    {
        null => false,
        var type when type == typeof(Guid) => Guid.TryParseExact(text, "D", out _),
        var type when type == typeof(DateTimeOffset) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _),
        var type when type == typeof(TimeSpan) => TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out _),
        { IsEnum: true } type => Enum.GetNames(type).Contains(text, StringComparer.OrdinalIgnoreCase),
        var type => type == typeof(string) && Words.Contains(member),
    };

    private static bool IsNumber(Type? type) => type is { IsEnum: true } || type == typeof(int) || type == typeof(long) || type == typeof(decimal);

    private static bool IsWord(ReadOnlySpan<byte> text) => text.Length <= LongestWord && !text.ContainsAnyExcept(WordBytes);

    private static string LengthOf(ReadOnlySpan<byte> text) => string.Create(CultureInfo.InvariantCulture, $"({text.Length} bytes)");

    private static string NameOf(Utf8JsonReader reader) =>
        IsWord(reader.ValueSpan) && Encoding.ASCII.GetString(reader.ValueSpan) is var name && Members.ContainsKey(name) ? name : Unknown;

    private static FrozenDictionary<string, Type> MembersOf(Assembly contracts)
    {
        var members = new Dictionary<string, Type>(StringComparer.Ordinal)
        {
            ["host"] = typeof(object),
            ["headers"] = typeof(object),
            ["message"] = typeof(string),
            ["sentTime"] = typeof(DateTimeOffset),
            ["expirationTime"] = typeof(DateTimeOffset),
            ["messageId"] = typeof(Guid),
            ["requestId"] = typeof(Guid),
            ["conversationId"] = typeof(Guid),
            ["initiatorId"] = typeof(Guid),
        };
        foreach (var word in Words)
        {
            members[word] = typeof(string);
        }

        foreach (var property in contracts.GetExportedTypes().SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)))
        {
            var (name, type) = (JsonNamingPolicy.CamelCase.ConvertName(property.Name), ValueOf(property.PropertyType));

            // A name that is an id in one message and a text in another is a text.
            members[name] = members.TryGetValue(name, out var other) && other != type ? typeof(string) : type;
        }

        return members.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static Type ValueOf(Type type) => type switch
    {
        { IsArray: true } => typeof(string),
        _ when Nullable.GetUnderlyingType(type) is { } value => value,
        { IsGenericType: true } when type.GetGenericArguments() is [var element] => ValueOf(element),
        { IsGenericType: true } => typeof(object),
        _ => type,
    };
}

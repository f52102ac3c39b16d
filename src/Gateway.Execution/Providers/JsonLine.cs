using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Gateway.Execution.Providers;

/// <summary>Reads JSON that a foreign program wrote: nothing in it can be relied upon, and nothing in it may throw.</summary>
internal static class JsonLine
{
    private static readonly JsonDocumentOptions Lenient = new() { MaxDepth = 512 };

    /// <summary>Parses one line.</summary>
    /// <param name="line">Text that need not be UTF-8.</param>
    /// <returns>Null when it is not a JSON object; else to be disposed.</returns>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> line)
    {
        var text = line.Span.TrimStart(" \t\r"u8);
        if (text.IsEmpty || text[0] != (byte)'{')
        {
            return null;
        }

        if (!Utf8.IsValid(line.Span))
        {
            line = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(line.Span));
        }

        try
        {
            return JsonDocument.Parse(line, Lenient);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A member of an object, or an undefined element.</summary>
    /// <param name="parent">Anything.</param>
    /// <param name="name">Name of the member.</param>
    public static JsonElement Member(this JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) ? value : default;

    /// <summary>Items of an array; none for anything else.</summary>
    /// <param name="element">Anything.</param>
    public static IEnumerable<JsonElement> Items(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [];

    /// <summary>A text, or null for anything else. Half a surrogate pair becomes U+FFFD.</summary>
    /// <param name="element">Anything.</param>
    public static string? Text(this JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            // The CLIs write a lone surrogate as an escape when a text was cut inside an emoji.
            return Unescape(Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(element)[1..^1]));
        }
    }

    /// <summary>A whole number, or null.</summary>
    /// <param name="element">Anything.</param>
    public static long? Whole(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var value) ? value : null;

    /// <summary>A decimal number, or null.</summary>
    /// <param name="element">Anything.</param>
    public static decimal? Number(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetDecimal(out var value) ? value : null;

    private static string Unescape(string escaped)
    {
        var text = new StringBuilder(escaped.Length);
        for (var i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] != '\\')
            {
                text.Append(escaped[i]);
                continue;
            }

            i++;
            if (escaped[i] == 'u')
            {
                text.Append((char)ushort.Parse(escaped.AsSpan(i + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                i += 4;
            }
            else
            {
                text.Append(escaped[i] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'b' => '\b', 'f' => '\f', var other => other });
            }
        }

        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.ToString()));
    }
}

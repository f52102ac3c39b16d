using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Gateway.Policies.Documents;

/// <summary>
/// JSON in the one spelling of RFC 8785: members in ordinal order, the shortest number, the least of escapes. A number that no double
/// holds keeps all its digits: two values never have one text.
/// </summary>
public static class CanonicalJson
{
    private const int HashDigits = 16;

    /// <summary>The text of a value. Of a name that occurs twice in one object the last counts.</summary>
    /// <exception cref="InvalidOperationException">A text holds half of a surrogate pair.</exception>
    public static string Of(JsonElement value)
    {
        var text = new StringBuilder();
        Write(text, value);
        return text.ToString();
    }

    /// <summary><c>sha256:</c> and the first 16 hex digits of SHA-256 over a text.</summary>
    public static string HashOf(string text) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..HashDigits]}";

    private static void Write(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteMembers(text, value);
                break;
            case JsonValueKind.Array:
                WriteItems(text, value);
                break;
            case JsonValueKind.String:
                WriteText(text, value.GetString() ?? "");
                break;
            case JsonValueKind.Number:
                text.Append(JsonNumber.Of(value));
                break;
            default:
                text.Append(value.ValueKind switch { JsonValueKind.True => "true", JsonValueKind.False => "false", _ => "null" });
                break;
        }
    }

    private static void WriteMembers(StringBuilder text, JsonElement value)
    {
        var members = new SortedList<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            members[member.Name] = member.Value;
        }

        var before = '{';
        foreach (var (name, member) in members)
        {
            text.Append(before);
            WriteText(text, name);
            text.Append(':');
            Write(text, member);
            before = ',';
        }

        text.Append(members.Count == 0 ? "{}" : "}");
    }

    private static void WriteItems(StringBuilder text, JsonElement value)
    {
        text.Append('[');
        var isFirst = true;
        foreach (var item in value.EnumerateArray())
        {
            text.Append(isFirst ? "" : ",");
            Write(text, item);
            isFirst = false;
        }

        text.Append(']');
    }

    private static void WriteText(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' or '\\' => text.Append('\\').Append(c),
                '\b' => text.Append("\\b"),
                '\t' => text.Append("\\t"),
                '\n' => text.Append("\\n"),
                '\f' => text.Append("\\f"),
                '\r' => text.Append("\\r"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }

        text.Append('"');
    }
}

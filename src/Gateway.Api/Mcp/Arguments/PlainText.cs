using System.Text.Json;

namespace Gateway.Api.Mcp.Arguments;

/// <summary>Reads JSON strings under the rule that no text holds NUL or half a character.</summary>
internal static class PlainText
{
    public static string? Read(JsonElement value, ArgumentSpec spec, string field, FaultList faults)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            faults.Add(spec, field, value, "a text", "send a JSON string: nothing is converted");
            return null;
        }

        if (TryRead(value) is not { } text)
        {
            faults.Add(spec, field, value, "well-formed Unicode", "remove the lone surrogate");
            return null;
        }

        if (text.Contains('\0', StringComparison.Ordinal))
        {
            faults.Add(spec, field, value, "no NUL character", "remove the NUL character");
            return null;
        }

        return text;
    }

    /// <summary>The text, or null when it holds half of a surrogate pair.</summary>
    public static string? TryRead(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // The only way that System.Text.Json tells of a lone surrogate.
            return null;
        }
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Api.Mcp.Arguments;

/// <summary>A moment: RFC 3339 with a zone.</summary>
internal sealed record TimeSpec(string Name) : ArgumentSpec(Name)
{
    private static readonly string[] Forms =
        ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"];

    /// <inheritdoc/>
    public override string Limit => "RFC 3339 time with a zone";

    /// <inheritdoc/>
    public override void Describe(JsonObject schema)
    {
        schema["type"] = "string";
        schema["format"] = "date-time";
    }

    /// <inheritdoc/>
    public override object? Read(JsonElement value, string field, FaultList faults)
    {
        var text = PlainText.Read(value, this, field, faults);
        if (text is null)
        {
            return null;
        }

        // Without a zone the text would be read in the zone of whatever machine answers.
        var zoned = text.Length > 16 && (text[^1] is 'Z' or 'z' || text[^6] is '+' or '-');
        return zoned && DateTimeOffset.TryParseExact(text.ToUpperInvariant(), Forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time
            : faults.Add(this, field, value, Limit, "send it like 2026-11-23T09:30:00Z");
    }
}

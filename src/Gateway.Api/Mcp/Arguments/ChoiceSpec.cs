using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Policies.Documents;

namespace Gateway.Api.Mcp.Arguments;

/// <summary>One of some words.</summary>
internal sealed record ChoiceSpec(string Name, params string[] Words) : ArgumentSpec(Name)
{
    /// <inheritdoc/>
    public override string Limit => string.Join('|', Words);

    /// <inheritdoc/>
    public override void Describe(JsonObject schema)
    {
        schema["type"] = "string";
        schema["enum"] = new JsonArray([.. Words.Select(w => (JsonNode)w)]);
    }

    /// <inheritdoc/>
    public override object? Read(JsonElement value, string field, FaultList faults)
    {
        var text = PlainText.Read(value, this, field, faults);
        if (text is null || Words.Contains(text, StringComparer.Ordinal))
        {
            return text;
        }

        var near = NearestName.Find(text, Words);
        return faults.Add(this, field, value, Limit, near is null ? "send one of these words" : $"did you mean {near}?");
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Api.Mcp.Arguments;

/// <summary>A JSON object whose inside is checked by who uses it.</summary>
internal sealed record ObjectSpec(string Name) : ArgumentSpec(Name)
{
    /// <summary>Another form that is allowed, as a schema of it.</summary>
    public string? OtherType { get; init; }

    /// <inheritdoc/>
    public override string Limit => OtherType is null ? "an object" : $"an object, or a {OtherType}";

    /// <inheritdoc/>
    public override void Describe(JsonObject schema)
    {
        if (OtherType is null)
        {
            schema["type"] = "object";
            return;
        }

        schema["anyOf"] = new JsonArray(new JsonObject { ["type"] = "object" }, new JsonObject { ["type"] = OtherType });
    }

    /// <inheritdoc/>
    public override object? Read(JsonElement value, string field, FaultList faults)
    {
        var fits = value.ValueKind == JsonValueKind.Object
            || (OtherType == "string" && value.ValueKind == JsonValueKind.String)
            || (OtherType == "boolean" && value.ValueKind is JsonValueKind.True or JsonValueKind.False);
        return fits ? value : faults.Add(this, field, value, Limit, "send a JSON object");
    }
}

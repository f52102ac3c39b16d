using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Api.Mcp.Arguments;

/// <summary>True or false.</summary>
internal sealed record FlagSpec(string Name) : ArgumentSpec(Name)
{
    /// <inheritdoc/>
    public override string Limit => "true|false";

    /// <inheritdoc/>
    public override void Describe(JsonObject schema) => schema["type"] = "boolean";

    /// <inheritdoc/>
    public override object? Read(JsonElement value, string field, FaultList faults) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => faults.Add(this, field, value, Limit, "send a JSON boolean: nothing is converted"),
    };
}

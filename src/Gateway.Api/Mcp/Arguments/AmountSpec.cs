using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Api.Mcp.Arguments;

/// <summary>A decimal number above zero.</summary>
internal sealed record AmountSpec(string Name, decimal Most) : ArgumentSpec(Name)
{
    /// <inheritdoc/>
    public override string Limit => string.Create(CultureInfo.InvariantCulture, $"> 0..{Most}");

    /// <inheritdoc/>
    public override void Describe(JsonObject schema)
    {
        schema["type"] = "number";
        schema["exclusiveMinimum"] = 0;
        schema["maximum"] = Most;
    }

    /// <inheritdoc/>
    public override object? Read(JsonElement value, string field, FaultList faults)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDecimal(out var number))
        {
            return faults.Add(this, field, value, "number " + Limit, "send a JSON number: nothing is converted");
        }

        return number <= 0 || number > Most ? faults.Add(this, field, value, Limit, "leave it out for no limit") : number;
    }
}

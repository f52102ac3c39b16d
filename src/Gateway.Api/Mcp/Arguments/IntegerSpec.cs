using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Api.Mcp.Arguments;

/// <summary>A whole number.</summary>
internal sealed record IntegerSpec(string Name, long Least, long Most) : ArgumentSpec(Name)
{
    /// <summary>What to do about a number outside the limits.</summary>
    public string Remedy { get; init; } = "send a number within the limit";

    /// <inheritdoc/>
    public override string Limit => Most == long.MaxValue
        ? string.Create(CultureInfo.InvariantCulture, $"whole number >= {Least}")
        : string.Create(CultureInfo.InvariantCulture, $"{Least}..{Most}");

    /// <inheritdoc/>
    public override void Describe(JsonObject schema)
    {
        schema["type"] = "integer";
        schema["minimum"] = Least;
        if (Most != long.MaxValue)
        {
            schema["maximum"] = Most;
        }
    }

    /// <inheritdoc/>
    public override object? Read(JsonElement value, string field, FaultList faults)
    {
        // 5.0 is an integer for JSON schema, so it is one here too.
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDecimal(out var number) || decimal.Truncate(number) != number)
        {
            return faults.Add(this, field, value, "whole number " + Limit, "send a JSON number without a fraction: nothing is converted");
        }

        return number < Least || number > Most ? faults.Add(this, field, value, Limit, Remedy) : (long)number;
    }
}

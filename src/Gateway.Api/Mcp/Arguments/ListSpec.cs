using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Api.Mcp.Arguments;

/// <summary>A list of texts or words, each under the same limits.</summary>
internal sealed record ListSpec(string Name, int MostItems, ArgumentSpec Item) : ArgumentSpec(Name)
{
    /// <summary>No item twice.</summary>
    public bool Distinct { get; init; }

    /// <inheritdoc/>
    public override string Limit => $"at most {MostItems} entries" + (Distinct ? ", no one twice" : string.Empty);

    /// <inheritdoc/>
    public override void Describe(JsonObject schema)
    {
        schema["type"] = "array";
        schema["maxItems"] = MostItems;
        if (Distinct)
        {
            schema["uniqueItems"] = true;
        }

        schema["items"] = Item.ToSchema();
    }

    /// <inheritdoc/>
    public override object? Read(JsonElement value, string field, FaultList faults)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return faults.Add(this, field, value, "a list, " + Limit, "send a JSON array, even for one entry");
        }

        if (value.GetArrayLength() > MostItems)
        {
            return faults.Add(this, field, value, Limit, $"shorten it: it has {value.GetArrayLength()} entries");
        }

        var before = faults.Count;
        var items = new List<string>(value.GetArrayLength());
        foreach (var element in value.EnumerateArray())
        {
            var item = Item.Read(element, $"{field}[{items.Count}]", faults) as string ?? string.Empty;
            if (Distinct && faults.Count == before && items.Contains(item, StringComparer.Ordinal))
            {
                faults.Add(this, $"{field}[{items.Count}]", element, Limit, "leave the second one out");
            }

            items.Add(item);
        }

        return faults.Count == before ? items : null;
    }
}

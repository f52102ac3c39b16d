using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Policies.Documents;

namespace Gateway.Api.Mcp.Arguments;

/// <summary>The arguments of a tool. Its schema is announced, and calls are checked by the same lines.</summary>
internal sealed class ArgumentTable
{
    private readonly Dictionary<string, ArgumentSpec> specs;
    private readonly MovedArguments moved;

    public ArgumentTable(params IReadOnlyList<ArgumentSpec> specs)
        : this(MovedArguments.None, specs)
    {
    }

    public ArgumentTable(MovedArguments moved, params IReadOnlyList<ArgumentSpec> specs)
    {
        this.moved = moved;
        Specs = specs;
        this.specs = specs.ToDictionary(s => s.Name, StringComparer.Ordinal);
    }

    /// <summary>Two arguments of which each call has exactly one; null for no such pair.</summary>
    public (string First, string Second)? ExactlyOneOf { get; init; }

    /// <summary>The lines of the table.</summary>
    public IReadOnlyList<ArgumentSpec> Specs { get; }

    /// <summary>The line of an argument.</summary>
    public ArgumentSpec this[string name] => specs[name];

    /// <summary>The input schema: one flat object without unknown members.</summary>
    public JsonElement ToSchema()
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(Specs.Select(s => KeyValuePair.Create(s.Name, (JsonNode?)s.ToSchema()))),
            ["additionalProperties"] = false,
        };
        var required = Specs.Where(s => s.Required).Select(s => (JsonNode)s.Name).ToArray();
        if (required.Length > 0)
        {
            schema["required"] = new JsonArray(required);
        }

        return JsonElement.Parse(schema.ToJsonString());
    }

    /// <summary>Checks the arguments of a call. Null counts as absent; nothing is converted.</summary>
    public ParsedArguments Parse(IEnumerable<KeyValuePair<string, JsonElement>>? arguments)
    {
        var parsed = new ParsedArguments();
        foreach (var (name, value) in arguments ?? [])
        {
            if (value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
            {
                continue;
            }

            parsed.Sent[name] = value;
            if (specs.TryGetValue(name, out var spec))
            {
                ReadKnown(spec, value, parsed);
            }
            else if (!moved.Take(name, value, parsed))
            {
                AddUnknown(name, value, parsed.Faults);
            }
        }

        foreach (var spec in Specs.Where(s => s.Required && !parsed.Sent.ContainsKey(s.Name)))
        {
            parsed.Faults.Add(spec.Name, "absent", spec.Limit, "send it: it is required");
        }

        CheckPair(parsed);
        return parsed;
    }

    private void CheckPair(ParsedArguments parsed)
    {
        if (ExactlyOneOf is not var (first, second) || parsed.Has(first) != parsed.Has(second))
        {
            return;
        }

        var rule = $"exactly one of {first} and {second}";
        _ = parsed.Has(first)
            ? parsed.Faults.Add(second, $"sent beside {first}", rule, "leave one of them out")
            : parsed.Faults.Add(first, "absent", $"{specs[first].Limit}; {rule}", "send it: one of them is required");
    }

    private static void ReadKnown(ArgumentSpec spec, JsonElement value, ParsedArguments parsed)
    {
        if (spec.Read(value, spec.Name, parsed.Faults) is { } read)
        {
            parsed.Values[spec.Name] = read;
        }
    }

    private void AddUnknown(string name, JsonElement value, FaultList faults)
    {
        var near = NearestName.Find(name, specs.Keys);
        var confidential = near is not null && specs[near].Confidential;
        faults.Add(name, FaultList.Show(value, confidential), "no such argument", near is null ? "leave it out" : $"did you mean {near}?");
    }
}

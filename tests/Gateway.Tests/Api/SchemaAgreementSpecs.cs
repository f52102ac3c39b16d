using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using Gateway.Api.Mcp.Arguments;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>What the schema announces and what the check enforces are made from one table; here a reader of the schema alone proves it.</summary>
public sealed class SchemaAgreementSpecs : IDisposable
{
    private readonly Bench bench = new();

    public void Dispose() => bench.Dispose();

    public static TheoryData<string> Tools => [.. new[] { "claude_request_async", "llm_job_status", "llm_job_result", "llm_job_cancel", "llm_job_list", "llm_job_retry" }];

    [Theory]
    [MemberData(nameof(Tools))]
    public void Values_that_the_schema_allows_pass_and_values_that_it_forbids_fail(string tool)
    {
        var table = bench.Tool(tool).Card.Arguments;
        var schema = bench.Tool(tool).ProtocolTool.InputSchema;
        Assert.All(table.Specs, spec =>
        {
            var own = schema.GetProperty("properties").GetProperty(spec.Name);
            Candidates(own).Sample(value => Assert.True(
                Allows(own, value) == Passes(table, spec.Name, value),
                $"{spec.Name}: schema {(Allows(own, value) ? "allows" : "forbids")} {value.GetRawText()}"), iter: 300);
        });
    }

    private static bool Passes(ArgumentTable table, string name, JsonElement value) =>
        !table.Parse([KeyValuePair.Create(name, value)]).Faults.Items.Any(f => f.Field == name || f.Field.StartsWith(name + "[", StringComparison.Ordinal));

    /// <summary>Values at and around every limit of a schema, and of all other types.</summary>
    private static Gen<JsonElement> Candidates(JsonElement schema)
    {
        var odd = Gen.OneOf("0", "-1", "true", "false", "\"\"", "\"x\"", "[]", "[1]", "{}", "1.5", "\"5\"", "[[]]", "[null]", "1e3", "5.0").Select(text => JsonElement.Parse(text));
        return Gen.OneOf(odd, Fitting(schema));
    }

    private static Gen<JsonElement> Fitting(JsonElement schema)
    {
        var type = schema.TryGetProperty("type", out var named) ? named.GetString() : null;
        return type switch
        {
            "string" when schema.TryGetProperty("enum", out var words) => Gen.OneOf([.. words.EnumerateArray().Select(w => (IGen<JsonElement>)Gen.Const(w.Clone()))]),
            "string" when schema.TryGetProperty("format", out var format) && format.GetString() == "date-time" =>
                Gen.OneOf("2026-11-23T10:00:00Z", "2026-11-23T10:00:00.123+01:00").Select(Text),
            "string" => Gen.Select(Gen.String[Gen.OneOf(Gen.Char['a', 'z'], Gen.Char['!', '~'], Gen.OneOf('-', ' ', '(', ')', '\n', 'é')), 0, 20], Lengths(schema), Pad).Select(Text),
            "integer" or "number" => Gen.OneOf([.. Edges(schema).Select(e => (IGen<JsonElement>)Gen.Const(e))]),
            "array" => Gen.OneOf(Gen.Int[0, 3], Gen.Int[schema.GetProperty("maxItems").GetInt32() - 1, schema.GetProperty("maxItems").GetInt32() + 1])
                .SelectMany(count => Candidates(schema.GetProperty("items")).Array[count]).Select(items => JsonElement.Parse("[" + string.Join(',', items.Select(i => i.GetRawText())) + "]")),
            _ => Gen.Const(JsonElement.Parse("""{"a":1}""")),
        };
    }

    private static Gen<int> Lengths(JsonElement schema)
    {
        // Where the pattern counts the characters after the first one, it says the most by itself.
        var most = schema.TryGetProperty("maxLength", out var said)
            ? said.GetInt32()
            : 1 + int.Parse(Regex.Match(schema.GetProperty("pattern").GetString()!, @"\{0,(\d+)\}\$\z").Groups[1].Value, CultureInfo.InvariantCulture);
        return most > 2000 ? Gen.Int[0, 20] : Gen.OneOf(Gen.Int[0, 20], Gen.Int[most - 1, most + 1]);
    }

    private static string Pad(string text, int length) => text.Length >= length ? text : text + new string('a', length - text.Length);

    private static IEnumerable<JsonElement> Edges(JsonElement schema)
    {
        foreach (var limit in schema.EnumerateObject().Where(m => m.Name.EndsWith("imum", StringComparison.Ordinal)).Select(m => m.Value.GetDecimal()))
        {
            yield return JsonElement.Parse($"{limit - 1}");
            yield return JsonElement.Parse($"{limit}");
            yield return JsonElement.Parse($"{limit + 1}");
            yield return JsonElement.Parse($"{limit + 0.25m}");
        }
    }

    private static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text);

    /// <summary>A small judge of the JSON Schema keywords that our schemas use, written from the standard and not from the product.</summary>
    private static bool Allows(JsonElement schema, JsonElement value)
    {
        if (schema.TryGetProperty("anyOf", out var any))
        {
            return any.EnumerateArray().Any(s => Allows(s, value));
        }

        var typed = schema.GetProperty("type").GetString() switch
        {
            "string" => value.ValueKind == JsonValueKind.String,
            "integer" => value.ValueKind == JsonValueKind.Number && decimal.Truncate(value.GetDecimal()) == value.GetDecimal(),
            "number" => value.ValueKind == JsonValueKind.Number,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "array" => value.ValueKind == JsonValueKind.Array,
            _ => value.ValueKind == JsonValueKind.Object,
        };
        return typed && schema.EnumerateObject().All(keyword => keyword.Name switch
        {
            "minLength" => value.GetString()!.Length >= keyword.Value.GetInt32(),
            "maxLength" => value.GetString()!.Length <= keyword.Value.GetInt32(),
            "pattern" => Regex.IsMatch(value.GetString()!, keyword.Value.GetString()![..^1] + "\\z"),
            "enum" => keyword.Value.EnumerateArray().Any(w => JsonElement.DeepEquals(w, value)),
            "format" when keyword.Value.GetString() == "date-time" => value.GetString()!.StartsWith("2026-", StringComparison.Ordinal),
            "minimum" => value.GetDecimal() >= keyword.Value.GetDecimal(),
            "exclusiveMinimum" => value.GetDecimal() > keyword.Value.GetDecimal(),
            "maximum" => value.GetDecimal() <= keyword.Value.GetDecimal(),
            "maxItems" => value.GetArrayLength() <= keyword.Value.GetInt32(),
            "uniqueItems" => value.EnumerateArray().Select(i => i.GetRawText()).Distinct().Count() == value.GetArrayLength(),
            "items" => value.EnumerateArray().All(i => Allows(keyword.Value, i)),
            _ => true,
        });
    }
}

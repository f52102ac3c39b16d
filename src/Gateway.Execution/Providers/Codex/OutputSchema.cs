using System.Globalization;
using System.Text.Json;

namespace Gateway.Execution.Providers.Codex;

/// <summary>
/// Checks an answer against a caller's JSON schema. Both are foreign: the work is bounded whatever they hold, nothing is fetched,
/// and no regular expression of theirs is run, which is what the libraries for it cannot promise. Looked at are <c>type</c>,
/// <c>enum</c>, <c>const</c>, <c>properties</c>, <c>required</c>, <c>additionalProperties</c>, <c>items</c>, <c>prefixItems</c>,
/// <c>allOf</c>, <c>anyOf</c>, <c>oneOf</c>, <c>not</c>, <c>$ref</c> within the schema, and the least and most of numbers, lengths
/// and counts. All else, <c>pattern</c> and <c>format</c> among it, is left to the model provider.
/// </summary>
internal sealed class OutputSchema
{
    private const int MostSteps = 1_000_000;
    private const int Deepest = 200;

    private readonly JsonElement _root;
    private int _steps;
    private int _depth;
    private bool _lost;

    private OutputSchema(JsonElement root) => _root = root;

    /// <summary>Checks an answer.</summary>
    /// <param name="schemaJson">The schema.</param>
    /// <param name="answer">The whole answer.</param>
    /// <param name="json">The answer as JSON text, when it fits.</param>
    public static OutputFit Check(string schemaJson, string answer, out string? json)
    {
        json = null;
        try
        {
            using var document = JsonDocument.Parse(answer);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return OutputFit.NoObject;
            }

            var fit = Check(schemaJson, document.RootElement);
            json = fit == OutputFit.Fits ? document.RootElement.GetRawText() : null;
            return fit;
        }
        catch (JsonException)
        {
            return OutputFit.NoObject;
        }
    }

    private static OutputFit Check(string schemaJson, JsonElement answer)
    {
        try
        {
            using var schema = JsonDocument.Parse(schemaJson);
            var check = new OutputSchema(schema.RootElement);
            var fits = check.Fits(schema.RootElement, answer);
            return check._lost ? OutputFit.TooComplex : fits ? OutputFit.Fits : OutputFit.Differs;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A name or text with half a character in it.
            return OutputFit.TooComplex;
        }
    }

    private bool Fits(JsonElement schema, JsonElement value)
    {
        if (_lost || ++_steps > MostSteps || _depth >= Deepest)
        {
            _lost = true;
            return false;
        }

        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return schema.ValueKind == JsonValueKind.True;
        }

        _depth++;
        var fits = FitsReference(schema, value) && FitsType(schema, value) && FitsValues(schema, value) && FitsParts(schema, value) && value.ValueKind switch
        {
            JsonValueKind.Object => FitsObject(schema, value),
            JsonValueKind.Array => FitsArray(schema, value),
            JsonValueKind.String => Within(schema, Characters(value), "minLength", "maxLength"),
            JsonValueKind.Number => FitsNumber(schema, value),
            _ => true,
        };
        _depth--;
        return fits;
    }

    private bool FitsReference(JsonElement schema, JsonElement value) =>
        schema.Member("$ref").Text() is not { } reference || (Find(reference) is { } target ? Fits(target, value) : Lose());

    private bool Lose()
    {
        _lost = true;
        return false;
    }

    private JsonElement? Find(string reference)
    {
        if (!reference.StartsWith('#'))
        {
            return null;
        }

        var found = _root;
        foreach (var part in Uri.UnescapeDataString(reference[1..]).Split('/').Skip(1))
        {
            var name = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            found = found.ValueKind == JsonValueKind.Array && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                ? found.EnumerateArray().ElementAtOrDefault(index)
                : found.Member(name);
        }

        // "#name" is an anchor: not followed.
        return found.ValueKind == JsonValueKind.Undefined || (reference.Length > 1 && reference[1] != '/') ? null : found;
    }

    private static bool FitsType(JsonElement schema, JsonElement value)
    {
        var type = schema.Member("type");
        return type.ValueKind switch
        {
            JsonValueKind.String => IsOf(type.Text(), value),
            JsonValueKind.Array => type.EnumerateArray().Any(one => IsOf(one.Text(), value)),
            _ => true,
        };
    }

    private static bool IsOf(string? type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && Math.Floor(number) == number,
        _ => false,
    };

    private bool FitsValues(JsonElement schema, JsonElement value)
    {
        var allowed = schema.Member("enum");
        var only = schema.Member("const");
        return (allowed.ValueKind != JsonValueKind.Array || allowed.EnumerateArray().Any(one => IsSame(one, value)))
            && (only.ValueKind == JsonValueKind.Undefined || IsSame(only, value));
    }

    private bool IsSame(JsonElement one, JsonElement other) => ++_steps <= MostSteps ? JsonElement.DeepEquals(one, other) : Lose();

    private bool FitsParts(JsonElement schema, JsonElement value) =>
        schema.Member("allOf").Items().All(part => Fits(part, value))
        && (schema.Member("anyOf") is not { ValueKind: JsonValueKind.Array } any || any.EnumerateArray().Any(part => Fits(part, value)))
        && (schema.Member("oneOf") is not { ValueKind: JsonValueKind.Array } one || one.EnumerateArray().Count(part => Fits(part, value)) == 1)
        && (schema.Member("not") is not { ValueKind: not JsonValueKind.Undefined } not || !Fits(not, value));

    private bool FitsObject(JsonElement schema, JsonElement value)
    {
        foreach (var name in schema.Member("required").Items())
        {
            if (++_steps > MostSteps || value.Member(name.Text() ?? "").ValueKind == JsonValueKind.Undefined)
            {
                return false;
            }
        }

        var properties = schema.Member("properties");
        var others = schema.Member("patternProperties").ValueKind == JsonValueKind.Undefined ? schema.Member("additionalProperties") : default;
        var count = 0;
        foreach (var member in value.EnumerateObject())
        {
            count++;
            var rule = properties.Member(member.Name) is { ValueKind: not JsonValueKind.Undefined } own ? own : others;
            if (rule.ValueKind != JsonValueKind.Undefined && !Fits(rule, member.Value))
            {
                return false;
            }
        }

        return Within(schema, count, "minProperties", "maxProperties");
    }

    private bool FitsArray(JsonElement schema, JsonElement value)
    {
        var first = schema.Member("prefixItems");
        var firstCount = first.ValueKind == JsonValueKind.Array ? first.GetArrayLength() : 0;
        var others = schema.Member("items");
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            var rule = index < firstCount ? first[index] : others;
            index++;
            if (rule.ValueKind != JsonValueKind.Undefined && !Fits(rule, item))
            {
                return false;
            }
        }

        return Within(schema, index, "minItems", "maxItems");
    }

    private static bool FitsNumber(JsonElement schema, JsonElement value)
    {
        if (!value.TryGetDouble(out var number))
        {
            return false;
        }

        return Within(schema, number, "minimum", "maximum")
            && !(Bound(schema, "exclusiveMinimum") >= number)
            && !(Bound(schema, "exclusiveMaximum") <= number);
    }

    private static bool Within(JsonElement schema, double number, string least, string most) =>
        !(Bound(schema, least) > number) && !(Bound(schema, most) < number);

    // Without a bound every comparison is false.
    private static double? Bound(JsonElement schema, string name) =>
        schema.Member(name) is { ValueKind: JsonValueKind.Number } bound && bound.TryGetDouble(out var value) ? value : null;

    private static int Characters(JsonElement text)
    {
        var count = 0;
        foreach (var _ in (text.Text() ?? "").EnumerateRunes())
        {
            count++;
        }

        return count;
    }
}

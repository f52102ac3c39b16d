using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Api.Mcp.Arguments;

namespace Gateway.Api.Mcp.Starters;

/// <summary>
/// Checks an argument that holds a schema: it must be the schema of an object, with its keywords formed as JSON Schema wants them.
/// The CLI would tell of a bad one only after the job had waited for a worker.
/// </summary>
internal static class JsonSchemaRule
{
    private const int MostBytes = 65_536;
    private const int MostDepth = 32;
    private static readonly string[] Types = ["string", "number", "integer", "boolean", "object", "array", "null"];
    private static readonly string[] OneSchema = ["additionalProperties", "items", "contains", "propertyNames", "not", "if", "then", "else", "unevaluatedProperties", "unevaluatedItems"];
    private static readonly string[] SchemaLists = ["allOf", "anyOf", "oneOf", "prefixItems"];
    private static readonly string[] SchemaMaps = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];
    private static readonly string[] Counts = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains"];
    private static readonly string[] Numbers = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];

    /// <summary>The schema as JSON text, or null when none was sent or it is wrong.</summary>
    /// <param name="arguments">The call.</param>
    /// <param name="field">Name of the argument.</param>
    public static string? Check(ParsedArguments arguments, string field)
    {
        if (arguments.Json(field) is not { } sent)
        {
            return null;
        }

        var text = sent.ValueKind == JsonValueKind.String ? PlainText.TryRead(sent) ?? string.Empty : sent.GetRawText();
        var fault = FindFault(text, out text);
        if (fault is null)
        {
            return text;
        }

        arguments.Faults.Add(field, FaultList.Show(sent, confidential: true), fault, "send a schema with \"type\": \"object\"");
        return null;
    }

    private static string? FindFault(string text, out string compact)
    {
        compact = text;
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            compact = ToCompact(root);
            if (Encoding.UTF8.GetByteCount(compact) > MostBytes)
            {
                return $"at most {MostBytes} bytes";
            }

            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String || type.GetString() != "object")
            {
                return "the schema of an object";
            }

            return Walk(root, "$", 0);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return "a JSON object, or its JSON text";
        }
    }

    /// <summary>Without white space, and without escapes that would make it longer than it was sent.</summary>
    private static string ToCompact(JsonElement root)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            root.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private static string? Walk(JsonElement schema, string path, int depth)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return null;
        }

        if (schema.ValueKind != JsonValueKind.Object || depth > MostDepth)
        {
            return depth > MostDepth ? $"a schema no deeper than {MostDepth}" : $"a schema at {Short(path)}";
        }

        foreach (var member in schema.EnumerateObject())
        {
            var fault = IsWellFormed(member) ? WalkInside(member, $"{path}.{member.Name}", depth + 1) : $"a well-formed {Short(path + "." + member.Name)}";
            if (fault is not null)
            {
                return fault;
            }
        }

        return null;
    }

    private static string? WalkInside(JsonProperty member, string path, int depth)
    {
        if (OneSchema.Contains(member.Name))
        {
            return Walk(member.Value, path, depth);
        }

        if (SchemaLists.Contains(member.Name))
        {
            return member.Value.EnumerateArray().Select(s => Walk(s, path, depth)).FirstOrDefault(f => f is not null);
        }

        return SchemaMaps.Contains(member.Name)
            ? member.Value.EnumerateObject().Select(p => Walk(p.Value, $"{path}.{p.Name}", depth)).FirstOrDefault(f => f is not null)
            : null;
    }

    private static bool IsWellFormed(JsonProperty member)
    {
        var value = member.Value;
        return member.Name switch
        {
            "type" => IsType(value) || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value.EnumerateArray().All(IsType)),
            "required" => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String),
            "enum" => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0,
            "pattern" => value.ValueKind == JsonValueKind.String && IsPattern(value.GetString()!),
            "$ref" or "$id" or "$schema" or "title" or "description" or "format" => value.ValueKind == JsonValueKind.String,
            "uniqueItems" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            var name when SchemaLists.Contains(name) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0,
            var name when SchemaMaps.Contains(name) => value.ValueKind == JsonValueKind.Object,
            var name when Counts.Contains(name) => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var count) && count >= 0 && decimal.Truncate(count) == count,
            var name when Numbers.Contains(name) => value.ValueKind == JsonValueKind.Number,
            _ => true,
        };
    }

    private static bool IsType(JsonElement value) => value.ValueKind == JsonValueKind.String && Types.Contains(value.GetString());

    private static bool IsPattern(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.ECMAScript);
            return true;
        }
        catch (ArgumentException)
        {
            // ECMAScript knows \p{…} with the u flag, which .NET refuses under this option: only both refusing is a fault.
            return pattern.Contains("\\p", StringComparison.Ordinal) || pattern.Contains("(?", StringComparison.Ordinal);
        }
    }

    private static string Short(string path) => path.Length <= 60 ? path : path[..60];
}

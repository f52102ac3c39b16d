using System.Text.Json.Nodes;

namespace Gateway.Cli.Audit;

/// <summary>Records as the rows of a sheet (RFC 4180). What a caller wrote into its request is data: no cell of it is a formula.</summary>
internal sealed class CsvSheet(TextWriter writer)
{
    /// <summary>The columns.</summary>
    private static readonly string[] Members =
    [
        "id", "seq", "at", "decisionId", "requestId", "traceId", "tenant", "grant", "caller", "session", "address", "method", "tool", "subject", "decision", "kind", "rule", "reason", "policy", "policyHash",
        "argNames", "argsHash", "jobId", "counters", "approvalId", "decidedBy", "secondLook", "reservedUsd", "costUsd", "durationMs",
    ];

    /// <summary>Names of the columns.</summary>
    public Task WriteHeadAsync() => writer.WriteAsync(string.Join(',', Members) + "\r\n");

    /// <summary>A record.</summary>
    public Task WriteAsync(JsonObject record) => writer.WriteAsync(string.Join(',', Members.Select(name => Cell(record[name]))) + "\r\n");

    /// <summary>One cell. What a sheet would take for a formula gets an apostrophe before it.</summary>
    internal static string Cell(JsonNode? value)
    {
        var text = value switch
        {
            null => "",
            JsonArray { Count: > 0 } names when names.All(name => name is JsonValue) => string.Join(' ', names.Select(name => name?.ToString())),
            JsonValue => value.ToString(),
            _ => value.ToJsonString(),
        };
        var isText = value is JsonValue one && one.GetValueKind() == System.Text.Json.JsonValueKind.String || value is JsonArray;
        text = isText && text is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\n', ..] ? "'" + text : text;
        return text.AsSpan().ContainsAny(",\"\r\n'") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}

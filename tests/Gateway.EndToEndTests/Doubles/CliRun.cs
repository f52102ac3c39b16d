using System.Text.Json;

namespace Gateway.EndToEndTests.Doubles;

/// <summary>One finished run of a CLI: exit code and stream.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Errors)
{
    public IReadOnlyList<JsonElement> Lines { get; } = [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l.StartsWith('{')).Select(l => JsonElement.Parse(l))];

    public JsonElement Result => Last("result");

    public JsonElement Last(string type, string? subtype = null) => Lines.Last(l => Is(l, type, subtype));

    public bool Has(string type, string? subtype = null) => Lines.Any(l => Is(l, type, subtype));

    private static bool Is(JsonElement line, string type, string? subtype) =>
        line.TryGetProperty("type", out var t) && t.GetString() == type && (subtype is null || (line.TryGetProperty("subtype", out var s) && s.GetString() == subtype));
}

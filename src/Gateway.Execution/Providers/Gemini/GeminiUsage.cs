using System.Text.Json;
using Gateway.Contracts.Values;

namespace Gateway.Execution.Providers.Gemini;

/// <summary>Reads the <c>stats</c> of a final record: what this process used, the call that chose the model included. There is no cost in them.</summary>
internal static class GeminiUsage
{
    /// <summary>What a run used; null when nothing was reported.</summary>
    /// <param name="stats">Anything.</param>
    public static RunUsage? Of(JsonElement stats)
    {
        if (stats.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var cached = Count(stats.Member("cached")) ?? 0;
        return new RunUsage
        {
            InputTokens = Math.Max(0, (Count(stats.Member("input_tokens")) ?? 0) - cached),
            OutputTokens = Count(stats.Member("output_tokens")) ?? 0,
            CacheReadTokens = cached,
            CacheCreationTokens = 0,
        };
    }

    /// <summary>The model that did most of the work; null when none was reported.</summary>
    /// <param name="stats">Anything.</param>
    public static string? ModelOf(JsonElement stats)
    {
        var models = stats.Member("models");
        return models.ValueKind == JsonValueKind.Object
            ? models.EnumerateObject().MaxBy(model => Count(model.Value.Member("total_tokens")) ?? 0).Name
            : null;
    }

    // Anybody may have written the line: no figure in it may end the reading.
    private static long? Count(JsonElement value) => value.Whole() is { } count ? Math.Clamp(count, 0, RunUsage.MaxTokens) : null;
}

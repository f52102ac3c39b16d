using System.Text.Json;
using Gateway.Contracts.Values;

namespace Gateway.Execution.Providers.Claude;

/// <summary>
/// Sums what this run alone used. <c>total_cost_usd</c> runs on over a resumed conversation and must not be summed;
/// <c>model_usage_since_last_result</c> is the part since the record before, and empty when nothing was added.
/// </summary>
/// <param name="earlierCostUsd">Cost of the conversation before this run.</param>
internal sealed class ClaudeUsage(decimal earlierCostUsd)
{
    private decimal? _sinceLast;
    private decimal? _runningTotal;
    private JsonNumbers _tokens;
    private bool _any;
    private int? _turns;

    /// <summary>Null when nothing was reported.</summary>
    public RunUsage? Total => !_any ? null : new RunUsage
    {
        CostUsd = _sinceLast ?? (_runningTotal is { } total ? Math.Max(0, total - earlierCostUsd) : null),
        InputTokens = _tokens.Input,
        OutputTokens = _tokens.Output,
        CacheReadTokens = _tokens.CacheRead,
        CacheCreationTokens = _tokens.CacheCreation,
        NumTurns = _turns,
    };

    /// <summary>Takes a final record.</summary>
    /// <param name="result">The whole record.</param>
    public void Take(JsonElement result)
    {
        _any = true;
        _turns = (int?)result.Member("num_turns").Whole() ?? _turns;
        _runningTotal = result.Member("total_cost_usd").Number() ?? _runningTotal;
        var parts = result.Member("model_usage_since_last_result");
        if (parts.ValueKind == JsonValueKind.Object)
        {
            _sinceLast = (_sinceLast ?? 0) + parts.EnumerateObject().Sum(model => model.Value.Member("costUSD").Number() ?? 0);
        }

        var usage = result.Member("usage");
        if (usage.ValueKind == JsonValueKind.Object)
        {
            _tokens = new JsonNumbers(
                usage.Member("input_tokens").Whole(),
                usage.Member("output_tokens").Whole(),
                usage.Member("cache_read_input_tokens").Whole(),
                usage.Member("cache_creation_input_tokens").Whole());
        }
    }

    private readonly record struct JsonNumbers(long? Input, long? Output, long? CacheRead, long? CacheCreation);
}

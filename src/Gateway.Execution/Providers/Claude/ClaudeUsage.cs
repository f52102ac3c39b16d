using System.Text.Json;
using Gateway.Contracts.Values;

namespace Gateway.Execution.Providers.Claude;

/// <summary>
/// Sums what this run alone used. <c>total_cost_usd</c> runs on over a resumed conversation and must not be summed, and
/// <c>usage</c> is zero when a budget ran out; <c>model_usage_since_last_result</c> is the part since the record before.
/// </summary>
/// <param name="earlierCostUsd">Cost of the conversation before this run.</param>
internal sealed class ClaudeUsage(decimal earlierCostUsd)
{
    // The CLI sums binary fractions: 0.0566 comes as 0.056600000000000004.
    private const int CostDecimals = 9;

    private decimal? _sinceLast;
    private decimal? _runningTotal;
    private Tokens? _tokens;
    private bool _any;
    private int? _turns;

    /// <summary>Null when nothing was reported.</summary>
    public RunUsage? Total => !_any ? null : new RunUsage
    {
        CostUsd = Cost is { } cost ? decimal.Round(cost, CostDecimals) : null,
        InputTokens = _tokens?.Input,
        OutputTokens = _tokens?.Output,
        CacheReadTokens = _tokens?.CacheRead,
        CacheCreationTokens = _tokens?.CacheCreation,
        NumTurns = _turns,
    };

    private decimal? Cost => _sinceLast ?? (_runningTotal is { } total ? Math.Max(0, total - earlierCostUsd) : null);

    /// <summary>Takes a final record.</summary>
    /// <param name="result">The whole record.</param>
    public void Take(JsonElement result)
    {
        _any = true;
        _turns = (int?)Count(result.Member("num_turns"), RunUsage.MaxTurns) ?? _turns;
        _runningTotal = Dollars(result.Member("total_cost_usd")) ?? _runningTotal;
        var models = result.Member("model_usage_since_last_result");
        if (models.ValueKind == JsonValueKind.Object)
        {
            foreach (var model in models.EnumerateObject())
            {
                _sinceLast = Math.Min(RunUsage.MaxCostUsd, (_sinceLast ?? 0) + (Dollars(model.Value.Member("costUSD")) ?? 0));
                _tokens = (_tokens ?? default) + new Tokens(model.Value, "inputTokens", "outputTokens", "cacheReadInputTokens", "cacheCreationInputTokens");
            }

            _sinceLast ??= 0;
            _tokens ??= default(Tokens);
        }
        else if (_sinceLast is null && result.Member("usage") is { ValueKind: JsonValueKind.Object } usage)
        {
            _tokens = new Tokens(usage, "input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens");
        }
    }

    // Anybody may have written the line: no figure in it may end the reading.
    private static decimal? Dollars(JsonElement value) => value.Number() is { } usd ? Math.Clamp(usd, 0, RunUsage.MaxCostUsd) : null;

    private static long? Count(JsonElement value, long most) => value.Whole() is { } count ? Math.Clamp(count, 0, most) : null;

    private readonly record struct Tokens(long Input, long Output, long CacheRead, long CacheCreation)
    {
        public Tokens(JsonElement of, string input, string output, string cacheRead, string cacheCreation)
            : this(
                Count(of.Member(input), RunUsage.MaxTokens) ?? 0,
                Count(of.Member(output), RunUsage.MaxTokens) ?? 0,
                Count(of.Member(cacheRead), RunUsage.MaxTokens) ?? 0,
                Count(of.Member(cacheCreation), RunUsage.MaxTokens) ?? 0)
        {
        }

        public static Tokens operator +(Tokens one, Tokens other) => new(
            Sum(one.Input, other.Input),
            Sum(one.Output, other.Output),
            Sum(one.CacheRead, other.CacheRead),
            Sum(one.CacheCreation, other.CacheCreation));

        private static long Sum(long one, long other) => Math.Min(RunUsage.MaxTokens, one + other);
    }
}

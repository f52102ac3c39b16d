namespace Gateway.Contracts.Values;

/// <summary>What one attempt used, as the CLI reported it. A null member was not reported.</summary>
public sealed record RunUsage
{
    /// <summary>No cost of a run or a job is told as higher than this, whatever a CLI says.</summary>
    public const decimal MaxCostUsd = 1_000_000_000;

    /// <summary>No number of tokens of a run or a job is told as higher than this.</summary>
    public const long MaxTokens = 1_000_000_000_000;

    /// <summary>No number of turns of a run or a job is told as higher than this.</summary>
    public const int MaxTurns = 1_000_000;

    /// <summary>Cost in US dollars of this attempt alone: the conversation's running total is already subtracted.</summary>
    public decimal? CostUsd { get; init; }

    /// <summary>Tokens sent to the model, without cached ones.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Tokens that the model produced.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>Tokens read from the provider's prompt cache.</summary>
    public long? CacheReadTokens { get; init; }

    /// <summary>Tokens written to the provider's prompt cache.</summary>
    public long? CacheCreationTokens { get; init; }

    /// <summary>Turns of the conversation in this attempt.</summary>
    public int? NumTurns { get; init; }
}

using Gateway.Contracts.Values;

namespace Gateway.Execution.Providers;

/// <summary>Tokens of a conversation from its beginning, for a CLI whose count runs on when a conversation is resumed.</summary>
/// <param name="Input">Sent to the model, those of the cache among them.</param>
/// <param name="Output">Produced by the model.</param>
/// <param name="CacheRead">Read from the provider's cache.</param>
/// <param name="CacheWrite">Written to the provider's cache.</param>
public sealed record ConversationTokens(long Input, long Output, long CacheRead, long CacheWrite)
{
    /// <summary>A conversation that has not begun.</summary>
    public static ConversationTokens None { get; } = new(0, 0, 0, 0);

    /// <summary>What came on top of an earlier count.</summary>
    /// <param name="earlier">The count before.</param>
    internal RunUsage Since(ConversationTokens earlier)
    {
        var (read, written) = (Less(CacheRead, earlier.CacheRead), Less(CacheWrite, earlier.CacheWrite));
        return new RunUsage
        {
            InputTokens = Less(Less(Input, earlier.Input), read + written),
            OutputTokens = Less(Output, earlier.Output),
            CacheReadTokens = read,
            CacheCreationTokens = written,
        };
    }

    private static long Less(long all, long part) => Math.Max(0, all - part);
}

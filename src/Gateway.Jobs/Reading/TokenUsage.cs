namespace Gateway.Jobs.Reading;

/// <summary>Tokens of a job, all attempts.</summary>
/// <param name="InputTokens">Sent, without cached ones.</param>
/// <param name="OutputTokens">Produced.</param>
/// <param name="CacheReadTokens">Read from the prompt cache.</param>
/// <param name="CacheCreationTokens">Written to the prompt cache.</param>
public sealed record TokenUsage(long InputTokens, long OutputTokens, long CacheReadTokens, long CacheCreationTokens);

namespace Gateway.Contracts.Values;

/// <summary>The conversation that a run goes on with. Its text is fetched by <see cref="Commands.FetchTranscript"/>.</summary>
public sealed record Conversation
{
    /// <summary>Whose transcript is stored.</summary>
    public required ConversationSource Source { get; init; }

    /// <summary>Bytes that are stored of it; 0 when nothing is: then only what lies on the same worker's disk can be gone on with.</summary>
    public required long TranscriptBytes { get; init; }

    /// <summary>SHA-256 of these bytes in lower-case hex, when a worker reported the whole; null after a run that was lost.</summary>
    public string? Sha256 { get; init; }

    /// <summary>How many bytes at its beginning were said before this job: what stands behind them is the job's own.</summary>
    public long EarlierBytes { get; init; }

    /// <summary>Id under which the CLI wrote it, where that is not the run's own: of a fork's parent. Null otherwise.</summary>
    public Guid? WrittenAs { get; init; }

    /// <summary>Id that the CLI itself gave the conversation, when it names its conversations alone and has told it.</summary>
    public Guid? ProviderSessionId { get; init; }

    /// <summary>What the conversation had cost and used before this run, as far as it was reported.</summary>
    public RunUsage? Earlier { get; init; }
}

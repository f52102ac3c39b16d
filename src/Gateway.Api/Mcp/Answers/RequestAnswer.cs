namespace Gateway.Api.Mcp.Answers;

/// <summary>What <c>llm_request_result</c> answers.</summary>
internal sealed record RequestAnswer
{
    public bool Success => true;

    public required PastRequest Request { get; init; }

    /// <summary>Older jobs of the same id, newest first, at most 20; null for none.</summary>
    public IReadOnlyList<string>? OtherJobIds { get; init; }

    /// <summary>A request and what became of it.</summary>
    internal sealed record PastRequest
    {
        public required string CorrelationId { get; init; }

        public required string Cli { get; init; }

        public string? Model { get; init; }

        public Guid? SessionId { get; init; }

        /// <summary>When it was taken in.</summary>
        public required DateTimeOffset DatetimeUtc { get; init; }

        public long? DurationMs { get; init; }

        public required string Status { get; init; }

        public int? ExitCode { get; init; }

        public string? ErrorMessage { get; init; }

        /// <summary>Attempts before the newest.</summary>
        public required int RetryCount { get; init; }

        public decimal? CostUsd { get; init; }

        public required string AsyncJobId { get; init; }

        public long? InputTokens { get; init; }

        public long? OutputTokens { get; init; }

        public long? CacheReadTokens { get; init; }

        public long? CacheCreationTokens { get; init; }

        public required int PromptChars { get; init; }

        /// <summary>Of the whole answer, UTF-16 units.</summary>
        public long? ResponseChars { get; init; }

        public required bool ResponseTruncated { get; init; }

        public string? Response { get; init; }

        public string? Prompt { get; init; }
    }
}

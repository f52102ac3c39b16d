using System.Text.Json;

namespace Gateway.Api.Mcp.Answers;

/// <summary>What a tool that waits answers when the job completed in time.</summary>
internal sealed record FinishedAnswer
{
    public bool Success => true;

    public string Status => "completed";

    /// <summary>First page of the answer.</summary>
    public required string Response { get; init; }

    /// <summary>Of the whole answer.</summary>
    public required long ResponseBytes { get; init; }

    public required bool ResponseTruncated { get; init; }

    /// <summary>Where <c>llm_job_result</c> goes on.</summary>
    public long? ResponseNextOffsetBytes { get; init; }

    public JsonElement? StructuredOutput { get; init; }

    public required string JobId { get; init; }

    public required string Cli { get; init; }

    public string? Model { get; init; }

    public required string CorrelationId { get; init; }

    public Guid? SessionId { get; init; }

    public required long DurationMs { get; init; }

    public required int ExitCode { get; init; }

    /// <summary>Attempts before the one that completed.</summary>
    public required int RetryCount { get; init; }

    public required bool Deduped { get; init; }

    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    public long? CacheReadTokens { get; init; }

    public long? CacheCreationTokens { get; init; }

    public decimal? CostUsd { get; init; }

    public int? NumTurns { get; init; }

    public IReadOnlyList<Warning>? Warnings { get; init; }
}

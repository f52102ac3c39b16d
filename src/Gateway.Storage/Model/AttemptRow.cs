namespace Gateway.Storage.Model;

/// <summary>How an attempt ended.</summary>
public sealed class AttemptRow
{
    public Guid JobId { get; init; }

    public int Attempt { get; init; }

    public Guid? WorkerId { get; init; }

    public long? StartedAtMs { get; init; }

    public long EndedAtMs { get; init; }

    public long? DurationMs { get; init; }

    public int? ExitCode { get; init; }

    /// <summary>Null when the attempt did not fail.</summary>
    public string? FailureKind { get; init; }

    public bool HasAnswer { get; init; }

    public bool AnswerIsError { get; init; }

    public bool OutputTruncated { get; init; }

    public string? StructuredOutputJson { get; init; }

    /// <summary>Codes of what the caller should know, a JSON list; null for none.</summary>
    public string? WarningsJson { get; init; }

    /// <summary>What it changed in its worktree, JSON; null without one.</summary>
    public string? WorktreeJson { get; init; }

    public decimal? CostUsd { get; init; }

    /// <summary>Length and SHA-256 of each stream as the worker counted them, JSON.</summary>
    public string StreamsJson { get; init; } = "[]";
}

namespace Gateway.Contracts.Values;

/// <summary>What every ended run reports, however it ended.</summary>
public sealed record RunResult
{
    /// <summary>Start of the process; null when none was started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>End of the process, or when the worker gave the attempt up.</summary>
    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>Run time by a monotonic clock; null when no process was started.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Exit code of the process, 128 + n for signal n, or set by Gateway; null when unknown.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Length and hash of every stream.</summary>
    public required IReadOnlyList<StreamSummary> Streams { get; init; }

    /// <summary>The output cap cut the output; what is kept is a prefix.</summary>
    public bool OutputTruncated { get; init; }

    /// <summary>Model that the CLI reported.</summary>
    public string? Model { get; init; }

    /// <summary>Conversation id that the CLI reported.</summary>
    public Guid? SessionId { get; init; }

    /// <summary>What the attempt used.</summary>
    public RunUsage? Usage { get; init; }

    /// <summary>JSON object that <c>jsonSchema</c> asked for.</summary>
    public string? StructuredOutputJson { get; init; }

    /// <summary>True when the answer stream holds an answer (even an empty one).</summary>
    public bool HasAnswer { get; init; }

    /// <summary>True when the answer is the text of an error.</summary>
    public bool AnswerIsError { get; init; }

    /// <summary>What the run changed in its worktree; null without one, or when it could not be told.</summary>
    public WorktreeChange? Worktree { get; init; }

    /// <summary>Codes of <see cref="RunWarnings"/>; others are passed over.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

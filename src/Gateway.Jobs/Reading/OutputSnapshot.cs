using Gateway.Contracts.Values;

namespace Gateway.Jobs.Reading;

/// <summary>What is stored of one attempt's output, and what its outcome said about the answer.</summary>
public sealed record OutputSnapshot
{
    /// <summary>The job, without progress.</summary>
    public required JobView Job { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>Stored bytes of each stream; a stream without bytes may be absent.</summary>
    public required IReadOnlyDictionary<OutputStream, long> LengthBytes { get; init; }

    /// <summary>No more bytes will come: the attempt has ended.</summary>
    public required bool Ended { get; init; }

    /// <summary>The answer stream holds an answer.</summary>
    public required bool HasAnswer { get; init; }

    /// <summary>The answer is the text of an error.</summary>
    public required bool AnswerIsError { get; init; }

    /// <summary>JSON object that <c>jsonSchema</c> asked for.</summary>
    public string? StructuredOutputJson { get; init; }

    /// <summary>What the attempt changed in its worktree; null without one, or while it runs.</summary>
    public WorktreeChange? Worktree { get; init; }

    /// <summary>Retention has removed it: what is left tells nothing.</summary>
    public bool IsGone { get; init; }

    /// <summary>Codes of <see cref="RunWarnings"/>.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

namespace Gateway.Jobs.Reading;

/// <summary>How an attempt ended.</summary>
/// <param name="HasAnswer">The answer stream holds an answer.</param>
/// <param name="AnswerIsError">The answer is the text of an error.</param>
/// <param name="StructuredOutputJson">JSON object that <c>jsonSchema</c> asked for.</param>
/// <param name="Warnings">Codes of <see cref="Gateway.Contracts.Values.RunWarnings"/>.</param>
/// <param name="Worktree">What it changed in its worktree; null without one.</param>
public sealed record AttemptRecord(
    bool HasAnswer, bool AnswerIsError, string? StructuredOutputJson, IReadOnlyList<string> Warnings, Gateway.Contracts.Values.WorktreeChange? Worktree = null);

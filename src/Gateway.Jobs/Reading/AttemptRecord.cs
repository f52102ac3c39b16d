namespace Gateway.Jobs.Reading;

/// <summary>How an attempt ended.</summary>
/// <param name="HasAnswer">The answer stream holds an answer.</param>
/// <param name="AnswerIsError">The answer is the text of an error.</param>
/// <param name="StructuredOutputJson">JSON object that <c>jsonSchema</c> asked for.</param>
public sealed record AttemptRecord(bool HasAnswer, bool AnswerIsError, string? StructuredOutputJson);

namespace Gateway.Execution.Providers.Claude;

/// <summary>The members of a final record that decide how a run went.</summary>
internal sealed record ClaudeResult
{
    /// <summary>The one member that tells success from failure; <see cref="Subtype"/> says <c>success</c> for API errors too.</summary>
    public required bool IsError { get; init; }

    /// <summary>Such as <c>success</c>, <c>error_max_turns</c>.</summary>
    public required string Subtype { get; init; }

    /// <summary>Such as <c>completed</c>, <c>api_error</c>, <c>prompt_too_long</c>.</summary>
    public string? TerminalReason { get; init; }

    /// <summary>Such as <c>end_turn</c>, <c>refusal</c>.</summary>
    public string? StopReason { get; init; }

    /// <summary>The answer, or the text of an error.</summary>
    public string? Text { get; init; }

    /// <summary>The first text of <c>errors</c>, which error subtypes have instead of a result.</summary>
    public string? FirstError { get; init; }

    /// <summary>The whole record as it was written, where it is to be the answer.</summary>
    public string? Record { get; init; }

    /// <summary>HTTP status of the model provider.</summary>
    public int? ApiStatus { get; init; }

    /// <summary>The provider's own word for its error.</summary>
    public string? ApiErrorType { get; init; }

    /// <summary>JSON text of the object that a schema asked for.</summary>
    public string? StructuredOutputJson { get; init; }
}

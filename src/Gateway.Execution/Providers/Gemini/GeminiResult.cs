namespace Gateway.Execution.Providers.Gemini;

/// <summary>The members of a final record that decide how a run went.</summary>
internal sealed record GeminiResult
{
    /// <summary>The record says <c>success</c>.</summary>
    public required bool Succeeded { get; init; }

    /// <summary>The CLI's name for the error, such as <c>TerminalQuotaError</c>; <c>unknown</c> for most errors of the provider.</summary>
    public string? ErrorType { get; init; }

    /// <summary>The error in words, which repeat the provider's: for recognising it, never to be passed on.</summary>
    public string? ErrorText { get; init; }

    /// <summary>The whole record as it was written, where it is to be the answer.</summary>
    public string? Record { get; init; }
}

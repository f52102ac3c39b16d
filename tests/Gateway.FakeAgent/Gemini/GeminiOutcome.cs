namespace Gateway.FakeAgent.Gemini;

/// <summary>What the last line will say; directives change it before it is printed.</summary>
internal sealed class GeminiOutcome
{
    public string? Answer { get; set; }

    public bool Failed { get; set; }

    public string? ErrorType { get; set; }

    public string? ErrorText { get; set; }

    public long InputTokens { get; set; } = 523;

    public long OutputTokens { get; set; } = 10;

    public int ExitCode { get; set; }

    public bool Cut { get; set; }
}

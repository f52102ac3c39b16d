namespace Gateway.Contracts.Values;

/// <summary>
/// What a run of Gemini CLI was asked for, parsed and checked at the edge; travels as JSON in <see cref="RunGrant"/>.
/// Null means: not asked for.
/// </summary>
public sealed record GeminiArguments
{
    /// <summary>Model name for <c>--model</c>.</summary>
    public string? Model { get; init; }

    /// <summary><c>default</c>, <c>auto_edit</c>, <c>yolo</c> or <c>plan</c>; null and <c>default</c> emit nothing.</summary>
    public string? ApprovalMode { get; init; }

    /// <summary>Absolute directories for <c>--include-directories</c>, one flag each.</summary>
    public IReadOnlyList<string> IncludeDirs { get; init; } = [];

    /// <summary>Tool names for <c>--allowed-tools</c>, one flag each.</summary>
    public IReadOnlyList<string> AllowedTools { get; init; } = [];

    /// <summary>True for <c>--sandbox</c>: the CLI's own container.</summary>
    public bool Sandbox { get; init; }

    /// <summary>The answer is to be the CLI's final record, as it was written, in place of the text.</summary>
    public bool AnswersWithRecord { get; init; }
}

using Gateway.Contracts.Values;

namespace Gateway.Execution.Providers;

/// <summary>What a CLI said about its own run. Says nothing about how the process ended.</summary>
public sealed record AgentReport
{
    /// <summary>The CLI wrote its final record.</summary>
    public bool HasFinalRecord { get; init; }

    /// <summary>The failure that the final record states; null for success and without such a record.</summary>
    public RunFailure? Failure { get; init; }

    /// <summary>The answer, or the text so far; null when the model has written none.</summary>
    public string? Answer { get; init; }

    /// <summary><see cref="Answer"/> is the text of an error.</summary>
    public bool AnswerIsError { get; init; }

    /// <summary>Model that was reported.</summary>
    public string? Model { get; init; }

    /// <summary>Conversation id that was reported.</summary>
    public Guid? SessionId { get; init; }

    /// <summary>What this run alone used.</summary>
    public RunUsage? Usage { get; init; }

    /// <summary>JSON text of the structured output.</summary>
    public string? StructuredOutputJson { get; init; }

    /// <summary>Codes of things the caller should know.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

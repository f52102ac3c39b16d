namespace Gateway.Contracts.Values;

/// <summary>What a run of Claude Code was asked for, parsed and checked at the edge. Null means: not asked for.</summary>
public sealed record ClaudeArguments
{
    /// <summary>Model name for <c>--model</c>.</summary>
    public string? Model { get; init; }

    /// <summary>1 to 3 model names, comma-separated, for <c>--fallback-model</c>.</summary>
    public string? FallbackModel { get; init; }

    /// <summary>Permission mode; null emits nothing.</summary>
    public string? PermissionMode { get; init; }

    /// <summary>Tool rules for <c>--allowed-tools</c>.</summary>
    public IReadOnlyList<string> AllowedTools { get; init; } = [];

    /// <summary>Tool rules for <c>--disallowed-tools</c>.</summary>
    public IReadOnlyList<string> DisallowedTools { get; init; } = [];

    /// <summary>Most turns, 1 to 1,000.</summary>
    public int? MaxTurns { get; init; }

    /// <summary>Most US dollars for the whole job, above 0 to 1,000; the worker passes on what is left of it.</summary>
    public decimal? MaxBudgetUsd { get; init; }

    /// <summary><c>low</c>, <c>medium</c>, <c>high</c>, <c>xhigh</c> or <c>max</c>.</summary>
    public string? Effort { get; init; }

    /// <summary>Text for <c>--system-prompt</c>.</summary>
    public string? SystemPrompt { get; init; }

    /// <summary>Text for <c>--append-system-prompt</c>.</summary>
    public string? AppendSystemPrompt { get; init; }

    /// <summary>JSON text of a schema for <c>--json-schema</c>.</summary>
    public string? JsonSchema { get; init; }

    /// <summary>Names of the only tools that there shall be, for <c>--tools</c>; empty for none at all, null for the CLI's own set.</summary>
    public IReadOnlyList<string>? Tools { get; init; }

    /// <summary>JSON object of sub-agents for <c>--agents</c>.</summary>
    public string? AgentsJson { get; init; }

    /// <summary>The agent that answers, for <c>--agent</c>.</summary>
    public string? Agent { get; init; }

    /// <summary>Name of the conversation for people, for <c>--name</c>.</summary>
    public string? Name { get; init; }

    /// <summary>Keep no conversation: <c>--no-session-persistence</c>. Then no later attempt can go on with it.</summary>
    public bool NoSessionPersistence { get; init; }

    /// <summary><c>--exclude-dynamic-system-prompt-sections</c>.</summary>
    public bool ExcludeDynamicSystemPromptSections { get; init; }

    /// <summary><c>--safe-mode</c>: the CLI's customisation off.</summary>
    public bool SafeMode { get; init; }

    /// <summary>The answer is to be the CLI's final record, as it was written, in place of the text.</summary>
    public bool AnswersWithRecord { get; init; }
}

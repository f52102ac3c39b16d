using Gateway.Execution.Providers;

namespace Gateway.Execution.Runs;

/// <summary>
/// What a worker must still know of a run after its own restart, kept beside the run's home. Holds no prompt and no
/// secret: the grant itself is stored nowhere.
/// </summary>
public sealed record RunNote
{
    /// <summary>Provider, such as <c>claude</c>.</summary>
    public required string Provider { get; init; }

    /// <summary>Conversation of the run.</summary>
    public required Guid SessionId { get; init; }

    /// <summary>Name of the credential, for what is said when it is refused.</summary>
    public required string CredentialName { get; init; }

    /// <summary>The CLI's configuration directory, which holds the conversation file.</summary>
    public required string ConfigDirectory { get; init; }

    /// <summary>A schema for structured output was given, so that output is demanded.</summary>
    public bool WantsStructuredOutput { get; init; }

    /// <summary>The answer is to be the CLI's final record, as it was written.</summary>
    public bool AnswersWithRecord { get; init; }

    /// <summary>The conversation's cost in US dollars before this run, 0 for a new conversation.</summary>
    public decimal EarlierCostUsd { get; init; }

    /// <summary>The configuration directory was made for the job alone; false for a login, where it is the user's, and in a note of an older worker.</summary>
    public bool ConfigIsOwn { get; init; }

    /// <summary>The run goes on with a conversation that an earlier attempt left; false in a note of an older worker.</summary>
    public bool Resumes { get; init; }

    /// <summary>The conversation's tokens before this run, for a CLI whose count runs on; null when they are not known.</summary>
    public ConversationTokens? EarlierTokens { get; init; }

    /// <summary>Session whose private working directory the run has; null for none.</summary>
    public Guid? WorkOfSession { get; init; }

    /// <summary>Schema of the answer that this worker has to check it against; null when there is none, or the CLI checks by itself.</summary>
    public string? OutputSchemaJson { get; init; }

    /// <summary>The Git worktree that the run works in; null for none, and in a note of an older worker.</summary>
    public Gateway.Execution.Workspaces.Worktree? Worktree { get; init; }

    /// <summary>Names of the MCP servers that the run has; null for none, and in a note of an older worker.</summary>
    public IReadOnlyList<string>? McpServers { get; init; }

    /// <summary>Tenant of the job's owner, for the log; null in a note of an older worker.</summary>
    public string? Tenant { get; init; }

    /// <summary>W3C trace context of the call that made the job, for the log; null when it had none.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Wall clock of the attempt.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>Longest silence of stdout and stderr together.</summary>
    public TimeSpan IdleTimeout { get; init; }
}

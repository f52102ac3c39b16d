namespace Gateway.Jobs.Approvals;

/// <summary>A request as it is stored.</summary>
public sealed record ApprovalRecord
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose call it is about.</summary>
    public required Caller Caller { get; init; }

    /// <summary>Label of that caller's grant.</summary>
    public required string GrantLabel { get; init; }

    /// <summary>The CLI; empty where the tool starts none.</summary>
    public required string Cli { get; init; }

    /// <summary>The tool.</summary>
    public required string Tool { get; init; }

    /// <summary><c>job</c> or <c>repeat</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>One of <see cref="ApprovalStatus"/>, as of the moment of reading.</summary>
    public required string Status { get; init; }

    /// <summary>Name of the policy.</summary>
    public required string Policy { get; init; }

    /// <summary>Hash of the policy.</summary>
    public required string PolicyHash { get; init; }

    /// <summary>Rule pointer.</summary>
    public required string Rule { get; init; }

    /// <summary>Hash of the tool's rule.</summary>
    public required string RuleHash { get; init; }

    /// <summary>Why a person is asked.</summary>
    public required string Reason { get; init; }

    /// <summary>Names of the arguments.</summary>
    public required IReadOnlyList<string> ArgumentNames { get; init; }

    /// <summary>Names of the MCP servers that the run is to have.</summary>
    public IReadOnlyList<string> McpServers { get; init; } = [];

    /// <summary>First 500 characters of the prompt; null where there is none, or retention has removed it.</summary>
    public string? PromptPreview { get; init; }

    /// <summary>Keyed hash of the prompt.</summary>
    public string? PromptHash { get; init; }

    /// <summary>The run would ask nobody for permissions.</summary>
    public required bool BypassRequested { get; init; }

    /// <summary>The run would go by the CLI's full automation.</summary>
    public required bool FullAuto { get; init; }

    /// <summary>The waiting job; null in mode <c>repeat</c>.</summary>
    public Guid? JobId { get; init; }

    /// <summary>When it was asked.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Until when it can be decided, and a consent of mode <c>repeat</c> be used.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When it was closed.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>Who closed it; null when time, a rule or a cancel did.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>What that person said, or why it is void.</summary>
    public string? Comment { get; init; }

    /// <summary>When the consent of mode <c>repeat</c> was used up.</summary>
    public DateTimeOffset? UsedAt { get; init; }
}

using Gateway.Contracts;
using Gateway.Contracts.Values;
using Gateway.Jobs.Parking;
using Gateway.Jobs.Sessions;

namespace Gateway.Jobs.Admission;

/// <summary>What a caller asked for, parsed and checked once at the edge: nothing after it looks at loose arguments again.</summary>
public sealed record RunRequest
{
    /// <summary>The tool that was called, such as <c>claude_request_async</c>.</summary>
    public required string Tool { get; init; }

    /// <summary>One of <see cref="AgentClis"/>.</summary>
    public required string Cli { get; init; }

    /// <summary>The prompt, 1 to 1,000,000 characters.</summary>
    public required string Prompt { get; init; }

    /// <summary>What the CLI is asked for.</summary>
    public required AgentRequest Agent { get; init; }

    /// <summary>
    /// The call's arguments as sent, without the prompt and without <c>idempotencyKey</c>: canonical JSON (members in
    /// ordinal order, no nulls). Kept for <c>llm_job_retry</c> and compared when an idempotency key comes again.
    /// </summary>
    public required string ArgumentsJson { get; init; }

    /// <summary>True when the run can change files (TOOLS: writing run).</summary>
    public required bool Writes { get; init; }

    /// <summary>Name of the workspace; null for a directory in a root, or a private one.</summary>
    public string? Workspace { get; init; }

    /// <summary>Absolute working directory as the edge understood it, or null for a private empty one.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The same by the names that the worker resolves, and what else of its disk the run has; null for nothing.</summary>
    public RunPlaces? Places { get; init; }

    /// <summary>At most 16 names of MCP servers that the run has, as they are registered.</summary>
    public IReadOnlyList<string> McpServers { get; init; } = [];

    /// <summary>Pool whose workers may take it.</summary>
    public string Pool { get; init; } = EndpointNames.DefaultPool;

    /// <summary>Name of the credential that pays for the run, looked up on the worker.</summary>
    public string CredentialName { get; init; } = "default";

    /// <summary>Wall clock of each attempt.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Longest silence.</summary>
    public required TimeSpan IdleTimeout { get; init; }

    /// <summary>Most runs that may count, 1 to 10.</summary>
    public required int MaxAttempts { get; init; }

    /// <summary>What becomes of the job at a usage limit; null for what the operator has set.</summary>
    public UsageLimitChoice? OnUsageLimit { get; init; }

    /// <summary>Higher goes first: <see cref="Lifecycle.JobPriority"/>.</summary>
    public int Priority { get; init; }

    /// <summary>Earliest start; null for at once.</summary>
    public DateTimeOffset? StartAfter { get; init; }

    /// <summary>At most 16 labels.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The caller's id of the request, or a new UUID.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>1 to 200 visible ASCII characters, or null.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The call may be given a job that an equal one has made, and this job may be given to a later one.</summary>
    public bool Dedup { get; init; }

    /// <summary>Which conversation it has.</summary>
    public ConversationChoice Conversation { get; init; } = ConversationChoice.New;

    /// <summary>What one job at a time may have and this one needs: <see cref="TurnKeys"/>.</summary>
    public IReadOnlyList<string> Turns { get; init; } = [];

    /// <summary>The job that this one repeats, or null.</summary>
    public Guid? RetryOf { get; init; }

    /// <summary>The caller itself wants a person to be asked before the run starts.</summary>
    public bool CallerAsks { get; init; }

    /// <summary>W3C trace context of the call; null when it had none.</summary>
    public string? TraceParent { get; init; }
}

using Gateway.Contracts;
using Gateway.Contracts.Values;
using Gateway.Jobs.Parking;
using MassTransit;

namespace Gateway.Jobs.Lifecycle;

/// <summary>
/// What a caller asked for: one id, one row, one life. The instance of <see cref="JobLifecycle"/>, and nothing but what
/// decides about the job or is shown with it; prompt, output and events have rows of their own.
/// </summary>
public sealed class Job : SagaStateMachineInstance, ISagaVersion
{
    /// <summary><see cref="DueAtMs"/> of a job that waits until another one of its conversation or directory has ended.</summary>
    public const long NoTurn = long.MaxValue;

    /// <summary>The job's id; the name is MassTransit's.</summary>
    public Guid CorrelationId { get; set; }

    /// <summary>Raised with each change; two writers cannot both win.</summary>
    public int Version { get; set; }

    /// <summary>Name of the state in <see cref="JobLifecycle"/>.</summary>
    public string CurrentState { get; set; } = null!;

    /// <summary>Tenant of the owner.</summary>
    public string Tenant { get; init; } = null!;

    /// <summary>Grant value of the owner.</summary>
    public string Grant { get; init; } = null!;

    /// <summary>Label of the owner's grant: under it the policy of the day is found.</summary>
    public string GrantLabel { get; init; } = "";

    /// <summary>The tool that made it: whose rule it was judged by.</summary>
    public string Tool { get; init; } = "";

    /// <summary>Hash of the policy that let it in; null when it is older than policies.</summary>
    public string? PolicyHash { get; init; }

    /// <summary>Hash of the tool's rule that let it in.</summary>
    public string? RuleHash { get; set; }

    /// <summary>The newest request that a person has to decide, or has decided; null when nobody was asked.</summary>
    public Guid? ApprovalId { get; set; }

    /// <summary>One of <see cref="Gateway.Contracts.Values.AgentClis"/>.</summary>
    public string Cli { get; init; } = null!;

    /// <summary>Pool whose workers may take it.</summary>
    public string Pool { get; init; } = EndpointNames.DefaultPool;

    /// <summary>Name of the workspace that it works in; null for none.</summary>
    public string? Workspace { get; init; }

    /// <summary>Higher goes first: <see cref="JobPriority"/>.</summary>
    public int Priority { get; init; }

    /// <summary>Number of the newest granted attempt, 0 for none.</summary>
    public int Attempt { get; set; }

    /// <summary>Attempts that count against <see cref="MaxAttempts"/>.</summary>
    public int CountedAttempts { get; set; }

    /// <summary>1 to 10.</summary>
    public int MaxAttempts { get; init; }

    /// <summary>Name of the credential that pays for its runs; empty for a job that is older than this column.</summary>
    public string CredentialName { get; init; } = "";

    /// <summary>What becomes of it at a usage limit.</summary>
    public UsageLimitChoice OnUsageLimit { get; init; }

    /// <summary>How long it has been parked, all times together, the running one included.</summary>
    public long ParkedMs { get; set; }

    /// <summary>Its next or newest run shows whether a usage limit is gone: it was let go before all others.</summary>
    public bool ProbesGate { get; set; }

    /// <summary>The caller's id of the request.</summary>
    public string RequestCorrelationId { get; init; } = null!;

    /// <summary>As given.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The job that this one repeats.</summary>
    public Guid? RetryOf { get; init; }

    /// <summary>Labels as a JSON list.</summary>
    public string LabelsJson { get; init; } = "[]";

    /// <summary>First 200 characters of the prompt, for lists and their search.</summary>
    public string PromptPreview { get; init; } = "";

    /// <summary>The run can change files: it is never begun anew.</summary>
    public bool Writes { get; init; }

    /// <summary>It goes by turns: there is something that one job at a time may have, and it needs that.</summary>
    public bool TakesTurns { get; init; }

    /// <summary>W3C trace context of the call that made the job.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Conversation id.</summary>
    public Guid SessionId { get; set; }

    /// <summary>The conversation can be gone on with after the job; false when nothing of it is kept.</summary>
    public bool KeepsSession { get; init; }

    /// <summary>The conversation begins with what another one held: <c>ConversationChoice.Forks</c>.</summary>
    public bool Forks { get; init; }

    /// <summary>Asked for, then as reported.</summary>
    public string? Model { get; set; }

    /// <summary>Unix milliseconds, like every time of this row.</summary>
    public long CreatedAtMs { get; init; }

    /// <summary>Last entered the queue.</summary>
    public long QueuedAtMs { get; set; }

    /// <summary>Earliest start of the next attempt.</summary>
    public long? NotBeforeMs { get; set; }

    /// <summary>Since when the next attempt may start: its place in the queue. <see cref="NoTurn"/> while it has none.</summary>
    public long DueAtMs { get; set; }

    /// <summary>When the command of the next attempt was sent last; null when it was not, or was claimed.</summary>
    public long? ReleasedAtMs { get; set; }

    /// <summary>Start of the newest attempt's process.</summary>
    public long? StartedAtMs { get; set; }

    /// <summary>Run time of the newest attempt once it has ended.</summary>
    public long? DurationMs { get; set; }

    /// <summary>When the job became final.</summary>
    public long? FinishedAtMs { get; set; }

    /// <summary>When a cancel was asked first.</summary>
    public long? CancelRequestedAtMs { get; set; }

    /// <summary>Exit code of the newest attempt.</summary>
    public int? ExitCode { get; set; }

    /// <summary>Worker of the newest attempt.</summary>
    public Guid? WorkerId { get; set; }

    /// <summary>Newest epoch of that worker that spoke for the attempt.</summary>
    public long WorkerEpoch { get; set; }

    /// <summary>Its name.</summary>
    public string? WorkerName { get; set; }

    /// <summary>One of <see cref="FailureKinds"/>, of a failed job.</summary>
    public string? FailureKind { get; set; }

    /// <summary>Words for the caller.</summary>
    public string? FailureMessage { get; set; }

    /// <summary>Rule pointer, when a policy ended it.</summary>
    public string? FailureRule { get; set; }

    /// <summary>Hash of the policy whose rule that is.</summary>
    public string? FailurePolicyHash { get; set; }

    /// <summary>Whether the same request may succeed later.</summary>
    public bool FailureRetryable { get; set; }

    /// <summary>Seconds until a repeat can help.</summary>
    public int? FailureRetryAfterSeconds { get; set; }

    /// <summary>Signal from outside.</summary>
    public string? FailureSignal { get; set; }

    /// <summary>HTTP status of the model provider.</summary>
    public int? FailureApiStatus { get; set; }

    /// <summary>Cost of all attempts.</summary>
    public decimal? CostUsd { get; set; }

    /// <summary>Tokens of all attempts.</summary>
    public long? InputTokens { get; set; }

    /// <summary>Tokens of all attempts.</summary>
    public long? OutputTokens { get; set; }

    /// <summary>Tokens of all attempts.</summary>
    public long? CacheReadTokens { get; set; }

    /// <summary>Tokens of all attempts.</summary>
    public long? CacheCreationTokens { get; set; }

    /// <summary>Turns of all attempts.</summary>
    public int? NumTurns { get; set; }

    /// <summary>The cap cut the newest attempt's output.</summary>
    public bool OutputTruncated { get; set; }

    /// <summary>What retention has left of prompt, output and events.</summary>
    public JobContent Content { get; set; }
}

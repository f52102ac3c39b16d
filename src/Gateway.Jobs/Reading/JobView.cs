using System.Text.Json.Serialization;
using Gateway.Policies.Limits;

namespace Gateway.Jobs.Reading;

/// <summary>A job as its caller sees it: the record <c>job</c> of the tool contract, member by member. A null member is left out.</summary>
public sealed record JobView
{
    /// <summary>Public id.</summary>
    public required string Id { get; init; }

    /// <summary>One of <see cref="Gateway.Contracts.Values.AgentClis"/>.</summary>
    public required string Cli { get; init; }

    /// <summary>One of <see cref="JobStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>Why it failed.</summary>
    public JobFailure? Failure { get; init; }

    /// <summary>Number of the newest run, 0 for none yet.</summary>
    public required int Attempt { get; init; }

    /// <summary>Most runs that may count.</summary>
    public required int MaxAttempts { get; init; }

    /// <summary>The id the job was made with.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>True only in the answer to a call that was given an existing job.</summary>
    public bool Deduped { get; init; }

    /// <summary>When it was stored.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last entered the queue.</summary>
    public required DateTimeOffset QueuedAt { get; init; }

    /// <summary>Start of the newest attempt's process.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Run time of the newest attempt, to now or to its end.</summary>
    public long? DurationMs { get; init; }

    /// <summary>Exit code of the process, or set by Gateway.</summary>
    public int? ExitCode { get; init; }

    /// <summary>1 = next in the order of fair dispatch; while queued and due. Among several tenants an estimate.</summary>
    public int? QueuePosition { get; init; }

    /// <summary>Another job of its session or directory has to end first; told in words and by the phase, and no field of the record.</summary>
    [JsonIgnore]
    public bool WaitsForTurn { get; init; }

    /// <summary>The cap on running jobs that holds it back besides; told in words, and no field of the record.</summary>
    [JsonIgnore]
    public JobCap? HeldBy { get; init; }

    /// <summary>Earliest next start.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Name of the worker.</summary>
    public string? Worker { get; init; }

    /// <summary>When it became final.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>When a cancel was asked.</summary>
    public DateTimeOffset? CancelRequestedAt { get; init; }

    /// <summary>As given.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Public id of the newest request that a person was asked about.</summary>
    public string? ApprovalId { get; init; }

    /// <summary>Public id of the job that this one repeats.</summary>
    public string? RetryOf { get; init; }

    /// <summary>Grant of the owner; only for callers that may see the jobs of others.</summary>
    public string? Owner { get; init; }

    /// <summary>Asked for or reported.</summary>
    public string? Model { get; init; }

    /// <summary>Conversation id.</summary>
    public Guid? SessionId { get; init; }

    /// <summary>Name of the workspace, if one is used.</summary>
    public string? Workspace { get; init; }

    /// <summary>One of <see cref="Lifecycle.JobPriority.Words"/>.</summary>
    public required string Priority { get; init; }

    /// <summary>As given.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Captured from the newest attempt.</summary>
    public required long StdoutBytes { get; init; }

    /// <summary>Captured from the newest attempt.</summary>
    public required long StderrBytes { get; init; }

    /// <summary>The cap cut the output.</summary>
    public required bool OutputTruncated { get; init; }

    /// <summary>This job alone, all attempts.</summary>
    public decimal? CostUsd { get; init; }

    /// <summary>This job alone, all four together.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>This job alone.</summary>
    public int? NumTurns { get; init; }

    /// <summary>Left out (null) in lists and results.</summary>
    public ProgressView? Progress { get; init; }

    /// <summary>When asking again is worth it: 500 to 15,000, 0 when final.</summary>
    public required int PollAfterMs { get; init; }

    /// <summary>First characters of the prompt; lists only.</summary>
    public string? PromptPreview { get; init; }
}

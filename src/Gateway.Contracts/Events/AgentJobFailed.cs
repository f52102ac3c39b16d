using Gateway.Contracts.Values;

namespace Gateway.Contracts.Events;

/// <summary>The job failed for good. It is final. Published for whoever subscribes, at least once.</summary>
public sealed record AgentJobFailed
{
    /// <summary>Id of the event: the same however often it comes, so that a subscriber can deny the second. Also the message's id.</summary>
    public required Guid EventId { get; init; }

    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The job's id as callers see it, such as <c>job_aaaa…</c>.</summary>
    public required string Job { get; init; }

    /// <summary>Tenant of the job's owner.</summary>
    public required string Tenant { get; init; }

    /// <summary>The caller's own id of the request.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>The agent's CLI, such as <c>claude</c>.</summary>
    public required string Cli { get; init; }

    /// <summary>The last attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>The job's state after it: <c>failed</c>.</summary>
    public required string Status { get; init; }

    /// <summary>When the job was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the last attempt's process started; null when none did.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the job became final.</summary>
    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary>Why: one of <see cref="FailureKinds"/>.</summary>
    public required string FailureKind { get; init; }

    /// <summary>Hash of the policy whose rule kept the job from starting, or under which a person was asked; null for any other failure.</summary>
    public string? PolicyHash { get; init; }

    /// <summary>What all attempts so far cost, in US dollars; null when nothing was reported.</summary>
    public decimal? CostUsd { get; init; }
}

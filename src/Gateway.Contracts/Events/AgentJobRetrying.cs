using Gateway.Contracts.Values;

namespace Gateway.Contracts.Events;

/// <summary>An attempt ended without an end of the job; another one follows. Published for whoever subscribes, at least once.</summary>
public sealed record AgentJobRetrying
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

    /// <summary>The attempt that ended.</summary>
    public required int Attempt { get; init; }

    /// <summary>The job's state after it: <c>queued</c>, or <c>parked</c> until a usage limit ends.</summary>
    public required string Status { get; init; }

    /// <summary>When the job was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Why: one of <see cref="FailureKinds"/>; null when the attempt was interrupted. One that was interrupted or parked is not counted.</summary>
    public string? FailureKind { get; init; }

    /// <summary>Earliest start of the next attempt.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>What all attempts so far cost, in US dollars; null when nothing was reported.</summary>
    public decimal? CostUsd { get; init; }
}

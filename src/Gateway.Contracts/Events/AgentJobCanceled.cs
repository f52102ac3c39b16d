namespace Gateway.Contracts.Events;

/// <summary>The job was canceled, and nothing of it runs. It is final. Published for whoever subscribes, at least once.</summary>
public sealed record AgentJobCanceled
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

    /// <summary>The last attempt; 0 when none was granted.</summary>
    public required int Attempt { get; init; }

    /// <summary>The job's state after it: <c>canceled</c>.</summary>
    public required string Status { get; init; }

    /// <summary>When the job was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the last attempt's process started; null when none did.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the job became final.</summary>
    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary>What all attempts so far cost, in US dollars; null when nothing was reported.</summary>
    public decimal? CostUsd { get; init; }
}

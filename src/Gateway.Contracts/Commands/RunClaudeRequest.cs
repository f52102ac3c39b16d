namespace Gateway.Contracts.Commands;

/// <summary>
/// Asks any worker of a pool to take one attempt of a job. Holds ids only: no prompt, no argument.
/// Sent again until claimed, so a worker must claim before it starts anything.
/// </summary>
public sealed record RunClaudeRequest
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The attempt to start, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>Provider, such as <c>claude</c>.</summary>
    public required string Provider { get; init; }

    /// <summary>Pool of workers, such as <c>default</c>.</summary>
    public required string Pool { get; init; }

    /// <summary>Tenant of the job's owner, for the worker's log; <c>default</c> where there is one alone.</summary>
    public string Tenant { get; init; } = "default";

    /// <summary>W3C trace context of the call that made the job; null when it had none.</summary>
    public string? TraceParent { get; init; }
}

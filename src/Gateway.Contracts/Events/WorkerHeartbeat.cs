using Gateway.Contracts.Values;

namespace Gateway.Contracts.Events;

/// <summary>A worker is alive and really has these runs. Answered by <see cref="HeartbeatAnswer"/>.</summary>
public sealed record WorkerHeartbeat
{
    /// <summary>The worker.</summary>
    public required Guid WorkerId { get; init; }

    /// <summary>Epoch of that worker.</summary>
    public required long Epoch { get; init; }

    /// <summary>Name of the worker for people.</summary>
    public required string WorkerName { get; init; }

    /// <summary>When it was sent, by the worker's clock; comes back in the answer.</summary>
    public required DateTimeOffset SentAt { get; init; }

    /// <summary>Slots of the worker; while it is drained no more than it has runs.</summary>
    public required int Slots { get; init; }

    /// <summary>Pool of the worker.</summary>
    public string Pool { get; init; } = EndpointNames.DefaultPool;

    /// <summary>The runs that its runner has, ended but unconfirmed ones included.</summary>
    public required IReadOnlyList<RunKey> Runs { get; init; }

    /// <summary>What the worker's CLIs are, told when that was looked at; null in between, when nothing new is said.</summary>
    public IReadOnlyList<CliReport>? Clis { get; init; }

    /// <summary>What the worker's workspaces are like, told at most once a minute; null in between, when nothing new is said.</summary>
    public IReadOnlyList<WorkspaceReport>? Workspaces { get; init; }

    /// <summary>
    /// True once the worker has had time to claim again what it was granted before it restarted: a lease of an earlier
    /// epoch that is not among <see cref="Runs"/> is then lost.
    /// </summary>
    public bool Settled { get; init; }
}

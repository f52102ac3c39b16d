namespace Gateway.Jobs.Reading;

/// <summary>Figures of the store for the health tool.</summary>
public sealed record HealthView
{
    /// <summary>The caller's running jobs.</summary>
    public required int RunningJobs { get; init; }

    /// <summary>The caller's queued jobs.</summary>
    public required int QueuedJobs { get; init; }

    /// <summary>Running jobs of everybody, by CLI.</summary>
    public required IReadOnlyDictionary<string, int> RunningByProvider { get; init; }

    /// <summary>Queued jobs of everybody, by CLI.</summary>
    public required IReadOnlyDictionary<string, int> QueuedByProvider { get; init; }

    /// <summary>Ceiling of waiting jobs.</summary>
    public required int MaxQueued { get; init; }

    /// <summary>Submits refused with <c>queue_full</c> since the start of this process.</summary>
    public required long Rejected { get; init; }

    /// <summary>Messages that no consumer could take.</summary>
    public required int DeadMessages { get; init; }

    /// <summary>Messages not yet consumed.</summary>
    public required int OutboxPending { get; init; }

    /// <summary>Workers by their last heartbeat.</summary>
    public required IReadOnlyList<WorkerView> Workers { get; init; }

    /// <summary>Credentials that rest until a usage limit ends.</summary>
    public required IReadOnlyList<RestingCredential> Parked { get; init; }

    /// <summary>Name of the database, such as <c>sqlite</c>.</summary>
    public required string Backend { get; init; }
}

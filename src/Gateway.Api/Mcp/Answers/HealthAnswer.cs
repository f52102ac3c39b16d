using Gateway.Jobs.Reading;

namespace Gateway.Api.Mcp.Answers;

/// <summary>What <c>llm_process_health</c> answers. Members about jobs are left out when the store cannot be reached.</summary>
internal sealed record HealthAnswer
{
    public bool Success => true;

    public required bool Ready { get; init; }

    public int? RunningJobs { get; init; }

    public int? QueuedJobs { get; init; }

    public int? DeadJobs { get; init; }

    public int ZombieJobs => 0;

    public BackpressureView? Backpressure { get; init; }

    public required PersistenceView Persistence { get; init; }

    public required BrokerView Broker { get; init; }

    public IReadOnlyList<ParkedView> Parked { get; init; } = [];

    /// <summary>How the processes of a run are kept together, so that none outlives it.</summary>
    public string? Isolation { get; init; }

    /// <summary>How much one run may take; a limit that is off is left out.</summary>
    public IReadOnlyDictionary<string, string>? RunLimits { get; init; }

    /// <summary>CLIs whose help does not name flags that runs are started with; left out while there are none.</summary>
    public IReadOnlyList<DriftView>? Drift { get; init; }

    public IReadOnlyList<WorkerView>? Workers { get; init; }

    public IReadOnlyList<JobView>? Jobs { get; init; }

    public int? OutboxPending { get; init; }

    internal sealed record BackpressureView(JobsBackpressureView Jobs);

    internal sealed record JobsBackpressureView
    {
        public required int Running { get; init; }

        public required int Queued { get; init; }

        public required IReadOnlyDictionary<string, int> RunningByProvider { get; init; }

        public required IReadOnlyDictionary<string, int> QueuedByProvider { get; init; }

        public required int Slots { get; init; }

        public required int MaxQueued { get; init; }

        public required long Rejected { get; init; }

        public required bool Saturated { get; init; }
    }

    internal sealed record PersistenceView(string Backend, bool Reachable, int? RetentionDays, long DedupWindowMs);

    internal sealed record BrokerView(string Kind, bool Connected);

    internal sealed record DriftView(string Cli, string? Version, IReadOnlyList<string> MissingFlags);

    internal sealed record ParkedView(string Cli, DateTimeOffset? ResetsAt);
}

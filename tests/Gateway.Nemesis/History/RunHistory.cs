namespace Gateway.Nemesis.History;

/// <summary>All that the checks decide upon: what clients did and saw, and what is found when all is still.</summary>
internal sealed record RunHistory
{
    public IReadOnlyList<Story> Stories { get; init; } = [];

    public IReadOnlyList<JobRow> Jobs { get; init; } = [];

    public IReadOnlyList<AttemptRow> Attempts { get; init; } = [];

    public IReadOnlyList<Transition> Transitions { get; init; } = [];

    public IReadOnlyList<AgentRun> Runs { get; init; } = [];

    public IReadOnlyList<Sighting> Sightings { get; init; } = [];

    public IReadOnlyList<HeardEvent> Events { get; init; } = [];

    public IReadOnlyList<QueueAtRest> Queues { get; init; } = [];

    /// <summary>Ids of the messages that were injected as poison.</summary>
    public IReadOnlySet<string> Poison { get; init; } = new HashSet<string>();

    public IReadOnlyList<string> OutboxRows { get; init; } = [];

    public IReadOnlyList<string> Leases { get; init; } = [];

    /// <summary>Processes of runs that live when all is still.</summary>
    public IReadOnlyList<string> LeftProcesses { get; init; } = [];

    /// <summary>Spooled runs that a runner still keeps when all is still.</summary>
    public IReadOnlyList<string> LeftSpools { get; init; } = [];

    public IReadOnlyList<Probe> Probes { get; init; } = [];

    public IReadOnlyList<MemoryPeak> Memory { get; init; } = [];

    public IReadOnlyList<Outage> Outages { get; init; } = [];

    /// <summary>Length of a lease.</summary>
    public TimeSpan Lease { get; init; }

    public JobRow? JobOf(Story story) => story.Accepted.Count > 0 ? Jobs.FirstOrDefault(j => j.Id == story.Accepted[0]) : null;
}

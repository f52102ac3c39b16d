using Gateway.Nemesis.History;

namespace Gateway.Tests.Nemesis;

/// <summary>A history in which every promise holds: one job that completed at its second attempt, one that was canceled.</summary>
internal static class Histories
{
    public static readonly Guid Completed = Guid.Parse("11111111-1111-1111-1111-111111111111");
    public static readonly Guid Canceled = Guid.Parse("22222222-2222-2222-2222-222222222222");

    private const string Hash = "aa";

    public static RunHistory Sound { get; } = new()
    {
        Stories =
        [
            new()
            {
                Key = "k1",
                Kind = "quick",
                Answer = "done k1",
                Ends = ["completed"],
                CostUsd = 0.01m,
                Accepted = [Completed],
                Observations = [new(100, 110, "running", 1), new(500, 510, "completed", 2), new(600, 610, "completed", 2)],
                Collected = "done k1",
            },
            new()
            {
                Key = "k2",
                Kind = "canceled",
                Answer = "done k2",
                Ends = ["completed"],
                Accepted = [Canceled],
                CancelAsked = true,
                Cancels = [new(200, 210, 1_200, "canceling", 1)],
                Observations = [new(400, 410, "canceled", 1)],
            },
        ],
        Jobs =
        [
            new() { Id = Completed, Key = "k1", Version = 8, State = "Completed", Attempt = 2, CountedAttempts = 2, MaxAttempts = 3, CostUsd = 0.01m, CreatedAtMs = 1_000, FinishedAtMs = 9_000, DurationMs = 50 },
            new() { Id = Canceled, Key = "k2", Version = 4, State = "Canceled", Attempt = 1, CountedAttempts = 1, MaxAttempts = 3, CreatedAtMs = 1_000, FinishedAtMs = 2_000, DurationMs = 40 },
        ],
        Attempts =
        [
            new() { JobId = Completed, Attempt = 1, FailureKind = "worker_lost", DurationMs = 10 },
            new() { JobId = Completed, Attempt = 2, CostUsd = 0.01m, DurationMs = 50, Streams = [new("stdout", 5, Hash, 5, Hash, Hash)] },
            new() { JobId = Canceled, Attempt = 1, DurationMs = 40 },
        ],
        Transitions =
        [
            new(Completed, 1, "Queued", 0), new(Completed, 2, "Running", 1), new(Completed, 5, "Running", 2), new(Completed, 8, "Completed", 2),
            new(Canceled, 2, "Running", 1), new(Canceled, 3, "Canceling", 1),
        ],
        Runs = [new(Completed, 1, 150, null, null), new(Completed, 2, 300, 480, 0), new(Canceled, 1, 160, null, null)],
        Sightings = [new(Completed, 1, 155, 250, 5_000), new(Completed, 2, 305, 470, 8_900), new(Canceled, 1, 165, 300, 1_900)],
        Events = [Told("AgentJobStarted", Completed, 1, 1), Told("AgentJobCompleted", Completed, 2, 2), Told("AgentJobCompleted", Completed, 2, 2), Told("AgentJobCanceled", Canceled, 1, 3)],
        Queues = [new("gateway-claim", 0, 0, []), new("gateway-job-lifecycle_error", 1, 0, ["poison"])],
        Poison = new HashSet<string> { "poison" },
        Probes = [new("api1", 1, 200, 503, true, true), new("api1", 2, 0, 0, false, false), new("api1", 3, 200, 200, true, false)],
        Memory = [new("api1", 100, 200)],
        Lease = TimeSpan.FromSeconds(12),
    };

    public static HeardEvent Told(string kind, Guid job, int attempt, byte id)
    {
        var eventId = new Guid(id, 0, 0, new byte[8]);
        return new HeardEvent(kind, eventId, eventId, job, attempt);
    }

    /// <summary>The same with one entry changed.</summary>
    public static IReadOnlyList<T> With<T>(this IReadOnlyList<T> list, int index, Func<T, T> change) => [.. list.Select((item, i) => i == index ? change(item) : item)];
}

using System.Diagnostics.Metrics;
using Gateway.Contracts.Values;
using Gateway.Jobs.Reading;

namespace Gateway.Jobs;

/// <summary>
/// Every name under which this project tells what it does. What happens is counted once, by the process that committed it; what there is
/// (queued, running, slots, outbox) is read from the store by every API process alike: take the largest of them, never the sum.
/// </summary>
internal static class JobsTelemetry
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "Gateway.Jobs";

    /// <summary>Counter: jobs taken in.</summary>
    public const string JobsAccepted = "gateway.jobs.accepted";

    /// <summary>Counter: submits refused because too many jobs wait.</summary>
    public const string JobsRefused = "gateway.jobs.refused";

    /// <summary>Counter: jobs that reached their final state, with <see cref="StatusTag"/> and <see cref="FailureTag"/>.</summary>
    public const string JobsEnded = "gateway.jobs.ended";

    /// <summary>Histogram: from the submit to the final state.</summary>
    public const string JobDuration = "gateway.job.duration";

    /// <summary>Histogram: from the time a job was due to the start of its process.</summary>
    public const string JobWait = "gateway.job.wait";

    /// <summary>Histogram: how long the process of a run lived.</summary>
    public const string RunDuration = "gateway.run.duration";

    /// <summary>Counter: attempts whose worker was lost.</summary>
    public const string AttemptsLost = "gateway.attempts.lost";

    /// <summary>Counter: jobs parked at a usage limit, each time anew.</summary>
    public const string JobsParkings = "gateway.jobs.parkings";

    /// <summary>Counter: what the CLIs said their runs cost.</summary>
    public const string Cost = "gateway.cost";

    /// <summary>Gauge: waiting jobs.</summary>
    public const string JobsQueued = "gateway.jobs.queued";

    /// <summary>Gauge: jobs that are parked until a usage limit ends; they are waiting jobs as well.</summary>
    public const string JobsParked = "gateway.jobs.parked";

    /// <summary>Gauge: credentials that rest until a usage limit ends.</summary>
    public const string CredentialsResting = "gateway.credentials.resting";

    /// <summary>Gauge: running jobs.</summary>
    public const string JobsRunning = "gateway.jobs.running";

    /// <summary>Gauge: runs that a worker may hold at once, with <see cref="WorkerTag"/>.</summary>
    public const string WorkerSlots = "gateway.worker.slots";

    /// <summary>Gauge: runs that a worker holds, with <see cref="WorkerTag"/>.</summary>
    public const string WorkerRunning = "gateway.worker.running";

    /// <summary>Gauge: committed messages that are not settled yet.</summary>
    public const string OutboxDepth = "gateway.outbox.depth";

    /// <summary>Gauge: committed messages that nobody will send again by himself.</summary>
    public const string OutboxDead = "gateway.outbox.dead";

    /// <summary>Tag: the CLI.</summary>
    public const string CliTag = "gateway.cli";

    /// <summary>Tag: completed, failed or canceled.</summary>
    public const string StatusTag = "gateway.job.status";

    /// <summary>Tag: a word of <c>failure.kind</c>.</summary>
    public const string FailureTag = "gateway.job.failure";

    /// <summary>Tag: name of the worker.</summary>
    public const string WorkerTag = "gateway.worker";

    private static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400] };
    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Accepted = Meter.CreateCounter<long>(JobsAccepted, "{job}", "Jobs taken in.");
    private static readonly Counter<long> Refused = Meter.CreateCounter<long>(JobsRefused, "{job}", "Submits refused because too many jobs wait.");
    private static readonly Counter<long> Ended = Meter.CreateCounter<long>(JobsEnded, "{job}", "Jobs that reached their final state.");
    private static readonly Counter<long> Lost = Meter.CreateCounter<long>(AttemptsLost, "{attempt}", "Attempts whose worker was lost.");
    private static readonly Counter<long> Parkings = Meter.CreateCounter<long>(JobsParkings, "{job}", "Jobs parked at a usage limit, each time anew.");
    private static readonly Counter<double> Spent = Meter.CreateCounter<double>(Cost, "USD", "What the CLIs said their runs cost.");
    private static readonly Histogram<double> Durations = Meter.CreateHistogram(JobDuration, "s", "From the submit to the final state.", advice: Seconds);
    private static readonly Histogram<double> Waits = Meter.CreateHistogram(JobWait, "s", "From the time a job was due to the start of its process.", advice: Seconds);
    private static readonly Histogram<double> Runs = Meter.CreateHistogram(RunDuration, "s", "How long the process of a run lived.", advice: Seconds);
    private static readonly ObservableGauge<int> Queued = Meter.CreateObservableGauge(JobsQueued, () => ByCli(figures?.QueuedByProvider), "{job}", "Waiting jobs.");
    private static volatile StoreFigures? figures;

    static JobsTelemetry()
    {
        Meter.CreateObservableGauge(JobsRunning, () => ByCli(figures?.RunningByProvider), "{job}", "Running jobs.");
        Meter.CreateObservableGauge(JobsParked, () => ByCli(figures?.ParkedByProvider), "{job}", "Jobs that are parked until a usage limit ends.");
        Meter.CreateObservableGauge(CredentialsResting, () => ByCli(figures?.Gates.GroupBy(gate => gate.Cli).ToDictionary(g => g.Key, g => g.Count())), "{credential}", "Credentials that rest until a usage limit ends.");
        Meter.CreateObservableGauge(WorkerSlots, () => ByWorker(worker => worker.Slots), "{run}", "Runs that a worker may hold at once.");
        Meter.CreateObservableGauge(WorkerRunning, () => ByWorker(worker => worker.Running), "{run}", "Runs that a worker holds.");
        Meter.CreateObservableGauge(OutboxDepth, () => One(figures?.OutboxPending), "{message}", "Committed messages that are not settled yet.");
        Meter.CreateObservableGauge(OutboxDead, () => One(figures?.DeadMessages), "{message}", "Committed messages that nobody will send again by himself.");
    }

    /// <summary>Whether anybody asks for what there is: reading it costs a look into the store.</summary>
    public static bool IsWatched => Queued.Enabled;

    /// <summary>Takes over what there is.</summary>
    public static void Show(StoreFigures now) => figures = now;

    /// <summary>Counts a job taken in.</summary>
    public static void JobAccepted(string cli) => Accepted.Add(1, Cli(cli));

    /// <summary>Counts a refused submit.</summary>
    public static void JobRefused(string cli) => Refused.Add(1, Cli(cli));

    /// <summary>Counts an attempt without its worker.</summary>
    public static void AttemptLost(string cli) => Lost.Add(1, Cli(cli));

    /// <summary>Counts a job parked.</summary>
    public static void JobParked(string cli) => Parkings.Add(1, Cli(cli));

    /// <summary>Keeps how long a run waited.</summary>
    public static void RunStarted(string cli, long waitedMs) => Waits.Record(Math.Max(0, waitedMs) / 1000.0, Cli(cli));

    /// <summary>Keeps how long a run took, and its cost.</summary>
    public static void RunEnded(string cli, RunResult result)
    {
        if (result.Duration is { } duration)
        {
            Runs.Record(duration.TotalSeconds, Cli(cli));
        }

        if (result.Usage?.CostUsd is { } cost and > 0)
        {
            Spent.Add((double)cost, Cli(cli));
        }
    }

    /// <summary>Counts a final state.</summary>
    public static void JobEnded(string cli, string status, string? failure, long tookMs)
    {
        Ended.Add(1, Cli(cli), new(StatusTag, status), new(FailureTag, failure));
        Durations.Record(Math.Max(0, tookMs) / 1000.0, Cli(cli), new KeyValuePair<string, object?>(StatusTag, status));
    }

    private static KeyValuePair<string, object?> Cli(string cli) => new(CliTag, cli);

    // Where nothing waits or runs the figure is 0, and not silence.
    private static IEnumerable<Measurement<int>> ByCli(IReadOnlyDictionary<string, int>? counts) => counts is null
        ? []
        : AgentClis.All.Union(counts.Keys).Select(cli => new Measurement<int>(counts.GetValueOrDefault(cli), Cli(cli)));

    private static IEnumerable<Measurement<int>> ByWorker(Func<WorkerView, int> count) =>
        (figures?.Workers ?? []).Select(worker => new Measurement<int>(count(worker), new KeyValuePair<string, object?>(WorkerTag, worker.Name)));

    private static IEnumerable<Measurement<int>> One(int? count) => count is { } value ? [new Measurement<int>(value)] : [];
}

using System.Globalization;
using System.Security.Cryptography;
using Gateway.Nemesis.Checks;
using Gateway.Nemesis.Clients;
using Gateway.Nemesis.Faults;
using Gateway.Nemesis.History;
using Gateway.Nemesis.House;
using Gateway.Nemesis.Reporting;
using Gateway.Nemesis.Watch;

namespace Gateway.Nemesis;

/// <summary>One run: the house is started, clients and faults are let loose, all comes to rest, the history is taken and judged.</summary>
internal sealed class NemesisRun(NemesisOptions options, NemesisHouse house) : IAsyncDisposable
{
    private const int FewestJobsAMinute = 20;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(6);

    // A command that a purge took is sent again after a minute; the third loss of a job waits half a minute, the fourth two.
    private static readonly TimeSpan RestLimit = TimeSpan.FromSeconds(240);

    private readonly RowWatch _rows = new(house);
    private readonly ProcessWatch _processes = new(house);
    private readonly HealthWatch _health = new(house);
    private ClientLoad? _load;
    private EventListener? _events;

    /// <summary>Runs it; the report, whose evidence is complete.</summary>
    public async Task<Report> RunAsync(CancellationToken cancellationToken)
    {
        house.Timeline.Tell($"seed {options.Seed}, {options.Minutes} minutes, folder {house.Folder}");
        await house.StartAsync(cancellationToken);
        await using var events = _events = new EventListener(house.Services.Amqp);
        await using var tap = new MessageTap(house.Services.Amqp);
        await events.StartAsync(cancellationToken);
        await tap.StartAsync(cancellationToken);

        // RabbitMQ 3.10 can lose a quorum queue that is seconds old when it is killed: it comes back without a leader, and for good.
        await Clock.Pause(Settling, cancellationToken);
        house.Timeline.Tell($"started: {string.Join(", ", house.Programs.Select(p => $"{p.Name} {p.Id}"))}");

        _load = new ClientLoad(house, options.Seed);
        var plan = new FaultPlan(house, tap, options.Seed, options.Only);
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watches = Task.WhenAll(_rows.WatchAsync(watching.Token), _processes.WatchAsync(watching.Token), _health.WatchAsync(watching.Token));
        using (var chaos = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            chaos.CancelAfter(TimeSpan.FromMinutes(options.Minutes));
            await Task.WhenAll(Clients.RunAsync(chaos.Token), OrEndAsync(plan.RunAsync(chaos.Token), chaos));
        }

        cancellationToken.ThrowIfCancellationRequested();
        var rest = await ComeToRestAsync(cancellationToken);
        await _health.LookAsync(cancellationToken);
        await watching.CancelAsync();
        await watches;
        var history = await TakeHistoryAsync(plan, cancellationToken);
        var findings = CheckList.All.Select(check => check.Find(history)).ToList();
        return new Report(options, house, plan, history, findings, [.. Clients.Faults, .. rest], _rows.Looks, tap.Sent);
    }

    private ClientLoad Clients => _load ?? throw new InvalidOperationException("The house is not started.");

    public async ValueTask DisposeAsync()
    {
        await (_load?.DisposeAsync() ?? ValueTask.CompletedTask);
        _health.Dispose();
    }

    // A plan that fell over would otherwise be seen only when the time is up, after half an hour without a fault.
    private static async Task OrEndAsync(Task plan, CancellationTokenSource all)
    {
        try
        {
            await plan;
        }
        catch
        {
            await all.CancelAsync();
            throw;
        }
    }

    /// <summary>Waits until nothing moves any more; what still does after the limit.</summary>
    private async Task<IReadOnlyList<string>> ComeToRestAsync(CancellationToken cancellationToken)
    {
        house.Timeline.Tell($"faults are over; {Clients.Open} jobs are open");
        var began = Clock.Ticks;
        List<string> restless = [];
        var up = await Task.WhenAll(house.Programs.Select(p => p.ReadyAsync(TimeSpan.FromSeconds(90), cancellationToken)));
        restless.AddRange(house.Programs.Zip(up).Where(p => !p.Second).Select(p => $"{p.First.Name} did not come up again"));
        if (!await Clients.SeenThroughAsync(RestLimit, cancellationToken))
        {
            restless.Add(string.Create(CultureInfo.InvariantCulture, $"{Clients.Open} clients had not seen their jobs to the end {RestLimit.TotalSeconds} s after the last fault"));
        }

        if (Clients.Stories.Count(s => s.Accepted.Count > 0) < options.Minutes * FewestJobsAMinute)
        {
            restless.Add(string.Create(CultureInfo.InvariantCulture, $"only {Clients.Stories.Count} jobs were wanted: too few to show anything"));
        }

        // Each by itself, so that the report names what has not come to rest.
        await SettlesAsync("every job is final", async () => (await house.Database.JobsAsync(cancellationToken)).TrueForAll(j => j.IsFinal), TimeSpan.FromSeconds(60));
        await SettlesAsync("the outbox is empty", async () => (await house.Database.OutboxAsync(cancellationToken)).Count == 0, TimeSpan.FromSeconds(60));
        await SettlesAsync("no lease is held", async () => (await house.Database.LeasesAsync(cancellationToken)).Count == 0, TimeSpan.FromSeconds(60));
        await SettlesAsync("nothing of a run is alive or spooled", () => Task.FromResult(ProcessTable.Runs(house.Folder).Count == 0 && Spools().Count == 0), TimeSpan.FromSeconds(30));
        await SettlesAsync("the queues are empty", async () => (await QueuesAsync(withIds: false, cancellationToken)).All(q => q.Unacknowledged == 0 && (q.IsSetAside || q.Messages == 0)), TimeSpan.FromSeconds(45));
        await SettlesAsync("the gateways are ready", async () =>
        {
            await _health.LookAsync(cancellationToken);
            return _health.Probes.GroupBy(p => p.Api).All(g => g.Last() is { Live: 200, Ready: 200 });
        }, TimeSpan.FromSeconds(40));
        house.Timeline.Tell($"at rest after {Clock.Since(began).TotalSeconds:0} s");
        return restless;

        async Task SettlesAsync(string what, Func<Task<bool>> condition, TimeSpan atMost)
        {
            if (!await Clock.UntilAsync(condition, atMost, cancellationToken))
            {
                restless.Add(string.Create(CultureInfo.InvariantCulture, $"not within {atMost.TotalSeconds} s: {what}"));
            }
        }
    }

    private async Task<RunHistory> TakeHistoryAsync(FaultPlan plan, CancellationToken cancellationToken) => new()
    {
        Stories = Clients.Stories,
        Jobs = await house.Database.JobsAsync(cancellationToken),
        Attempts = await AttemptsAsync(cancellationToken),
        Transitions = _rows.Transitions,
        Runs = AgentLog.Read(house.AgentLog),
        Sightings = _processes.Sightings,
        Events = _events!.Heard,
        Queues = await QueuesAsync(withIds: true, cancellationToken),
        Poison = plan.Poison,
        OutboxRows = await house.Database.OutboxAsync(cancellationToken),
        Leases = await house.Database.LeasesAsync(cancellationToken),
        LeftProcesses = [.. ProcessTable.Runs(house.Folder).Select(r => $"{r.Pid} {r.Run} {ProcessTable.CommandOf(r.Pid)}")],
        LeftSpools = Spools(),
        Probes = _health.Probes,
        Memory = _processes.Memory,
        Outages = house.Timeline.Outages,
        Lease = NemesisHouse.Lease,
    };

    private async Task<IReadOnlyList<AttemptRow>> AttemptsAsync(CancellationToken cancellationToken)
    {
        var keys = Clients.Stories.Where(s => s.Accepted.Count > 0).ToDictionary(s => s.Accepted[0], s => s.Key);
        return await house.Database.AttemptsAsync((job, attempt) => keys.TryGetValue(job, out var key) ? HashOf(house.CopyOf(key, attempt)) : null, cancellationToken);
    }

    private static string? HashOf(string file)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    // Ids are asked for once: each look is a delivery, and a queue lets go of what was delivered too often.
    private async Task<IReadOnlyList<QueueAtRest>> QueuesAsync(bool withIds, CancellationToken cancellationToken)
    {
        List<QueueAtRest> queues = [];
        foreach (var (name, messages, unacknowledged) in (await house.Pages.QueuesAsync(cancellationToken)).Where(q => !q.Name.StartsWith("nemesis-", StringComparison.Ordinal)))
        {
            var queue = new QueueAtRest(name, messages, unacknowledged, []);
            queues.Add(withIds && queue.IsSetAside ? queue with { MessageIds = await house.Pages.MessageIdsAsync(name) } : queue);
        }

        return queues;
    }

    /// <summary>Runs that a runner keeps.</summary>
    private IReadOnlyList<string> Spools() =>
        [.. from worker in house.WorkerPrograms
            let folder = Path.Combine(worker.Data, "worker", "runner", "runs")
            where Directory.Exists(folder)
            from run in Directory.EnumerateDirectories(folder)
            select $"{worker.Name} {IdOf(Path.GetFileName(run))}"];

    // The job's id as the logs have it.
    private static string IdOf(string run) => Guid.TryParse(run.Split('-')[0], out var job) ? $"{job:D} attempt {run.Split('-')[^1]}" : run;
}

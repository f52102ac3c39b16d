using Gateway.Benchmarks.Figures;
using Gateway.Benchmarks.House;

namespace Gateway.Benchmarks.Measures;

/// <summary>A thousand jobs that do nothing over three workers, and beside them what broker and database can do at most with as many messages and commits.</summary>
internal static class ScaleOutDrains
{
    private const int Workers = 3;
    private const int Clients = 8;

    public static async Task<IReadOnlyList<Figure>> RunAsync(MeasureContext context, CancellationToken cancellationToken)
    {
        await using var house = await ScaleOutHouse.StartAsync(context.Options, Workers, cancellationToken);
        var count = context.Times(1000);
        await DrainAsync(house, "warm", count, cancellationToken);
        var idle = await OneByOneAsync(house, context.Times(200), cancellationToken);

        var (messages, writes) = (await house.Servers.PublishedAsync(cancellationToken), await house.Servers.WritesAsync(cancellationToken));
        var (cpu, cpuWorkers) = (ProcessFigures.Cpu(house.Api.Id), house.WorkersCpu);
        var since = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var rate = await DrainAsync(house, "measured", count, cancellationToken);
        cpu = ProcessFigures.Cpu(house.Api.Id) - cpu;
        cpuWorkers = house.WorkersCpu - cpuWorkers;
        var writesPerJob = (await house.Servers.WritesAsync(cancellationToken) - writes) / (double)count;
        var messagesPerJob = (await house.Servers.PublishedAsync(cancellationToken) - messages) / (double)count;
        var drained = new Samples();
        foreach (var time in await house.Servers.JobTimesAsync(since, cancellationToken))
        {
            drained.Add(time);
        }

        var broker = await RawLimits.BrokerAsync(house.Servers, (int)(messagesPerJob * count), cancellationToken) / messagesPerJob;
        var database = await RawLimits.DatabaseAsync(house.Servers, (int)(writesPerJob * count), cancellationToken) / writesPerJob;
        return
        [
            new Figure($"drain, {count} jobs of 0 ms over {Workers} workers", "jobs/s", rate),
            new Figure("  raw broker: as many messages", "jobs/s", broker, null, FormattableString.Invariant($"{messagesPerJob:0.0} messages a job, of 1 KB, confirmed, consumed and acknowledged on a quorum queue")),
            new Figure("  raw database: as many commits", "jobs/s", database, null, FormattableString.Invariant($"{writesPerJob:0.0} commits a job that write, each one row of 500 bytes")),
            new Figure("submit → completed, one at a time, p50", "ms", idle.Median, null, idle.Spread),
            new Figure("submit → completed, one at a time, p99", "ms", idle.Worst),
            new Figure("submit → completed, in the drain, p50", "ms", drained.Median, null, drained.Spread),
            new Figure("submit → completed, in the drain, p99", "ms", drained.Worst),
            new Figure("server CPU per job, API", "ms", cpu.TotalMilliseconds / count),
            new Figure("server CPU per job, its worker and runner", "ms", cpuWorkers.TotalMilliseconds / count),
        ];
    }

    private static async Task<Samples> OneByOneAsync(ScaleOutHouse house, int count, CancellationToken cancellationToken)
    {
        var samples = new Samples();
        using var caller = house.Caller();
        for (var i = 0; i < count; i++)
        {
            var started = TimeProvider.System.GetTimestamp();
            await EndAsync(caller, await caller.SubmitAsync($"one-{i}", cancellationToken), cancellationToken);
            samples.Add(TimeProvider.System.GetElapsedTime(started));
        }

        return samples;
    }

    private static async Task<double> DrainAsync(ScaleOutHouse house, string name, int count, CancellationToken cancellationToken)
    {
        using var caller = house.Caller();
        var started = TimeProvider.System.GetTimestamp();
        var jobs = await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(
            async () =>
            {
                List<string> mine = [];
                for (var i = client; i < count; i += Clients)
                {
                    mine.Add(await caller.SubmitAsync($"{name}-{i}", cancellationToken));
                }

                return mine;
            },
            cancellationToken)));
        // Nearly in the order of their ends, so that one waiting call at a time is enough and costs nothing.
        foreach (var job in jobs.SelectMany(mine => mine.Select((job, i) => (job, i))).OrderBy(entry => entry.i).Select(entry => entry.job))
        {
            await EndAsync(caller, job, cancellationToken);
        }

        return count / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task EndAsync(Caller caller, string job, CancellationToken cancellationToken)
    {
        if (await caller.EndAsync(job, cancellationToken) is var status and not "completed")
        {
            throw new InvalidOperationException($"A job ended as {status}.");
        }
    }
}

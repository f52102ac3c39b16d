using Gateway.Benchmarks.Figures;
using Gateway.Benchmarks.House;

namespace Gateway.Benchmarks.Measures;

/// <summary>A thousand jobs that do nothing, and what they cost.</summary>
internal static class Drains
{
    private const int Clients = 8;

    public static async Task<IReadOnlyList<Figure>> RunAsync(MeasureContext context, CancellationToken cancellationToken)
    {
        await using var house = await context.StartAsync(signalling: false, cancellationToken);
        var runner = await FirstJobAsync(house, cancellationToken);
        var (idle, idleRunner) = await RestingMemory.ReadAsync(house.GatewayId, runner, cancellationToken);

        var count = context.Times(1000);
        var cold = await DrainAsync(house, "cold", count, cancellationToken);
        var (after, afterRunner) = await RestingMemory.ReadAsync(house.GatewayId, runner, cancellationToken);

        var (cpu, cpuRunner) = (ProcessFigures.Cpu(house.GatewayId), ProcessFigures.Cpu(runner));
        var warm = await DrainAsync(house, "warm", count, cancellationToken);
        cpu = ProcessFigures.Cpu(house.GatewayId) - cpu;
        cpuRunner = ProcessFigures.Cpu(runner) - cpuRunner;
        return
        [
            new Figure($"drain, {count} jobs of 0 ms", warm, Bar.AtLeast(300, "jobs/s"), FormattableString.Invariant($"the first {count} after the start: {cold:0} jobs/s")),
            new Figure("server CPU per job, gateway", cpu.TotalMilliseconds / count, Bar.AtMost(4, "ms")),
            new Figure("server CPU per job, runner", "ms", cpuRunner.TotalMilliseconds / count),
            new Figure("RSS idle, gateway", idle, Bar.AtMost(110, "MB")),
            new Figure("RSS idle, runner", idleRunner, Bar.AtMost(40, "MB")),
            new Figure($"RSS after {count} jobs, gateway", after, Bar.AtMost(180, "MB")),
            new Figure($"RSS after {count} jobs, runner", afterRunner, Bar.AtMost(40, "MB")),
        ];
    }

    /// <summary>Runs one job.</summary>
    /// <returns>The runner's process.</returns>
    public static async Task<int> FirstJobAsync(GatewayHouse house, CancellationToken cancellationToken)
    {
        using var caller = house.Caller();
        await caller.EndAsync(await caller.SubmitAsync("first", cancellationToken), cancellationToken);
        return house.RunnerId ?? throw new InvalidOperationException("There is no runner.");
    }

    /// <summary>Submits jobs and waits for their ends.</summary>
    /// <returns>How many went through in a second.</returns>
    public static async Task<double> DrainAsync(GatewayHouse house, string name, int count, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        using var caller = house.Caller();
        var started = clock.GetTimestamp();
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
            if (await caller.EndAsync(job, cancellationToken) is var status and not "completed")
            {
                throw new InvalidOperationException($"A job ended as {status}.");
            }
        }

        return count / clock.GetElapsedTime(started).TotalSeconds;
    }
}

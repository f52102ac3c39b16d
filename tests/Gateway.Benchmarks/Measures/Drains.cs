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
        var (idle, idleRunner) = await AtRestAsync(house.GatewayId, runner, cancellationToken);

        var count = context.Times(1000);
        var cold = await DrainAsync(house, "cold", count, cancellationToken);
        var (after, afterRunner) = await AtRestAsync(house.GatewayId, runner, cancellationToken);

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

    // A heartbeat needs code for a moment that is given back after it: what counts is what a gateway holds most of the time.
    private static async Task<(double Gateway, double Runner)> AtRestAsync(int gateway, int runner, CancellationToken cancellationToken)
    {
        const int Looks = 11;
        await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, cancellationToken);
        List<double> gateways = [], runners = [];
        while (gateways.Count < Looks)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
            gateways.Add(ProcessFigures.ResidentMegabytes(gateway));
            runners.Add(ProcessFigures.ResidentMegabytes(runner));
        }

        return (gateways.Order().ElementAt(Looks / 2), runners.Order().ElementAt(Looks / 2));
    }

    private static async Task<int> FirstJobAsync(GatewayHouse house, CancellationToken cancellationToken)
    {
        using var caller = house.Caller();
        await caller.EndAsync(await caller.SubmitAsync("first", cancellationToken), cancellationToken);
        return house.RunnerId ?? throw new InvalidOperationException("There is no runner.");
    }

    private static async Task<double> DrainAsync(GatewayHouse house, string name, int count, CancellationToken cancellationToken)
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

using System.Globalization;
using Gateway.Benchmarks.Figures;
using Gateway.Benchmarks.House;

namespace Gateway.Benchmarks.Measures;

/// <summary>Fifty jobs of three seconds, kill -9 after one second, and what becomes of them.</summary>
internal static class Kills
{
    private const int Jobs = 50;

    public static Task<IReadOnlyList<Figure>> GatewayAsync(MeasureContext context, CancellationToken cancellationToken) =>
        KillAsync(context, "gateway killed", house => house.KillGatewayAsync(), Bar.AtMost(15, "s"), cancellationToken);

    public static Task<IReadOnlyList<Figure>> AllAsync(MeasureContext context, CancellationToken cancellationToken) =>
        KillAsync(context, "gateway and runner killed", house => house.KillAllAsync(), Bar.AtMost(20, "s"), cancellationToken);

    private static async Task<IReadOnlyList<Figure>> KillAsync(
        MeasureContext context, string name, Func<GatewayHouse, Task> kill, Bar limit, CancellationToken cancellationToken)
    {
        await using var house = await context.StartAsync(signalling: true, cancellationToken, "--Worker:Slots=16");
        List<string> jobs = [];
        using (var caller = house.Caller())
        {
            for (var i = 0; i < Jobs; i++)
            {
                jobs.Add(await caller.SubmitAsync(string.Create(CultureInfo.InvariantCulture, $"sleep 3 job-{i}"), cancellationToken));
            }
        }

        var clock = TimeProvider.System;
        await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken);
        var before = house.Signals.All;
        await kill(house);
        var cut = before.Count(signal => signal.Word == "run") - before.Count(signal => signal.Word == "end");
        var restarted = clock.GetTimestamp();
        await house.StartAsync(cancellationToken);
        using var asking = house.Caller();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(3));
        var ends = await Task.WhenAll(jobs.Select(job => asking.EndAsync(job, patience.Token)));
        var seconds = clock.GetElapsedTime(restarted).TotalSeconds;
        var runs = house.Signals.All.Where(signal => signal.Word == "run").CountBy(signal => signal.Id).ToList();
        var repeated = runs.Sum(run => run.Value - 1);
        var allowed = name.Contains("runner", StringComparison.Ordinal) ? cut : 0;
        return
        [
            new Figure($"{name}: completed of {Jobs}", ends.Count(end => end == "completed"), Bar.AtLeast(Jobs, "jobs")),
            new Figure($"{name}: executed", runs.Count, Bar.AtLeast(Jobs, "jobs")),
            new Figure($"{name}: repeated runs", repeated, Bar.AtMost(allowed, "runs"), $"{cut} were running at the kill"),
            new Figure($"{name}: restart to all done", seconds, limit),
        ];
    }
}

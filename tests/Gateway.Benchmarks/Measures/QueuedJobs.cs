using Gateway.Benchmarks.Figures;
using Gateway.Benchmarks.House;

namespace Gateway.Benchmarks.Measures;

/// <summary>Whether a submit and a cancel are as fast with ten thousand waiting jobs as with none.</summary>
internal static class QueuedJobs
{
    private const int Clients = 8;
    private const double MostSlowdown = 1.5;

    public static async Task<IReadOnlyList<Figure>> RunAsync(MeasureContext context, CancellationToken cancellationToken)
    {
        // Without a worker nothing leaves the queue but what is canceled.
        await using var house = await ScaleOutHouse.StartAsync(context.Options, workers: 0, cancellationToken);
        var (calls, many) = (context.Times(200), context.Times(10_000));
        await MeasureAsync(house, context.Times(500), cancellationToken);
        var empty = await MeasureAsync(house, calls, cancellationToken);
        await FillAsync(house, many, cancellationToken);
        var full = await MeasureAsync(house, calls, cancellationToken);
        return
        [
            new Figure("submit, nothing queued, p50", "ms", empty.Submit.Median, null, empty.Submit.Spread),
            new Figure($"submit with {many} queued, p50", "ms", full.Submit.Median, null, full.Submit.Spread),
            new Figure("  slower by", full.Submit.Median / empty.Submit.Median, Bar.AtMost(MostSlowdown, "times")),
            new Figure("cancel, nothing queued, p50", "ms", empty.Cancel.Median, null, empty.Cancel.Spread),
            new Figure($"cancel with {many} queued, p50", "ms", full.Cancel.Median, null, full.Cancel.Spread),
            new Figure("  cancel slower by", full.Cancel.Median / empty.Cancel.Median, Bar.AtMost(MostSlowdown, "times")),
        ];
    }

    /// <summary>Submits one job after the other and cancels it, so that as many wait afterwards as before.</summary>
    private static async Task<(Samples Submit, Samples Cancel)> MeasureAsync(ScaleOutHouse house, int count, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var (submits, cancels) = (new Samples(), new Samples());
        using var caller = house.Caller();
        for (var i = 0; i < count; i++)
        {
            var started = clock.GetTimestamp();
            var job = await caller.SubmitAsync($"measured-{i}", cancellationToken);
            submits.Add(clock.GetElapsedTime(started));
            started = clock.GetTimestamp();
            await caller.CallAsync("llm_job_cancel", new() { ["jobId"] = job }, cancellationToken);
            cancels.Add(clock.GetElapsedTime(started));
        }

        return (submits, cancels);
    }

    private static Task FillAsync(ScaleOutHouse house, int count, CancellationToken cancellationToken) => Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(
        async () =>
        {
            using var caller = house.Caller();
            for (var i = client; i < count; i += Clients)
            {
                await caller.SubmitAsync($"waiting-{i}", cancellationToken);
            }
        },
        cancellationToken)));
}

using Gateway.Benchmarks.Figures;
using Gateway.Benchmarks.House;

namespace Gateway.Benchmarks.Measures;

/// <summary>Memory and submits of this build beside those of another one, by turns in one run: what else the machine does meets both alike.</summary>
internal static class Comparisons
{
    private const double MostRatio = 1.1;
    private const int Blocks = 6;

    public static async Task<IReadOnlyList<Figure>> RunAsync(MeasureContext context, CancellationToken cancellationToken) =>
        [.. await MemoryAsync(context, cancellationToken), .. await SubmitsAsync(context, cancellationToken)];

    private static async Task<IReadOnlyList<Figure>> MemoryAsync(MeasureContext context, CancellationToken cancellationToken)
    {
        await using var ours = await context.StartAsync(signalling: false, cancellationToken);
        await using var others = await context.StartOtherAsync(signalling: false, cancellationToken);
        var (runner, otherRunner) = (await Drains.FirstJobAsync(ours, cancellationToken), await Drains.FirstJobAsync(others, cancellationToken));
        var idle = await AtRestAsync();
        var count = context.Times(1000);
        for (var block = 0; block < 2; block++)
        {
            await Drains.DrainAsync(ours, $"ours-{block}", count / 2, cancellationToken);
            await Drains.DrainAsync(others, $"others-{block}", count / 2, cancellationToken);
        }

        var after = await AtRestAsync();
        return [.. Rows("RSS idle, gateway", "MB", idle.Ours, idle.Others), .. Rows($"RSS after {count} jobs, gateway", "MB", after.Ours, after.Others)];

        async Task<(double Ours, double Others)> AtRestAsync()
        {
            var both = await Task.WhenAll(RestingMemory.ReadAsync(ours.GatewayId, runner, cancellationToken), RestingMemory.ReadAsync(others.GatewayId, otherRunner, cancellationToken));
            return (both[0].Gateway, both[1].Gateway);
        }
    }

    private static async Task<IReadOnlyList<Figure>> SubmitsAsync(MeasureContext context, CancellationToken cancellationToken)
    {
        // One slot, and one run in it that does not end: what else would run beside the submits is not the same amount in both.
        string[] settings = ["--Worker:Slots=1", "--Jobs:MaxQueued=1000000"];
        await using var ours = await context.StartAsync(signalling: true, cancellationToken, settings);
        await using var others = await context.StartOtherAsync(signalling: true, cancellationToken, settings);
        foreach (var house in (GatewayHouse[])[ours, others])
        {
            await context.WarmUpAsync(house, cancellationToken);
            await FillAsync(house, cancellationToken);
        }

        var clock = TimeProvider.System;
        var (single, otherSingle) = (new Samples(), new Samples());
        using (var first = ours.Caller())
        using (var second = others.Caller())
        {
            for (var i = 0; i < context.Times(600); i++)
            {
                // Neither is always the one that comes after the other.
                foreach (var (caller, samples) in i % 2 == 0 ? [(first, single), (second, otherSingle)] : new[] { (second, otherSingle), (first, single) })
                {
                    var started = clock.GetTimestamp();
                    await caller.SubmitAsync($"now 0 single-{i}", cancellationToken);
                    samples.Add(clock.GetElapsedTime(started));
                }
            }
        }

        var (together, otherTogether) = (new Samples(), new Samples());
        for (var block = 0; block < Blocks; block++)
        {
            foreach (var (house, samples) in block % 2 == 0 ? [(ours, together), (others, otherTogether)] : new[] { (others, otherTogether), (ours, together) })
            {
                // The time that one submit takes of all of it, so that more is worse as in the other rows.
                var each = context.Times(100);
                samples.Add(await Submits.TogetherAsync(house, $"block-{block}", each, cancellationToken) / (Submits.Clients * each));
            }
        }

        return
        [
            .. Rows("submit, 1 client, p50", "ms", single.Median, otherSingle.Median, $"{single.Spread}; {otherSingle.Spread}"),
            .. Rows("submit, 8 clients, time of one", "ms", together.Median, otherTogether.Median),
        ];
    }

    private static async Task FillAsync(GatewayHouse house, CancellationToken cancellationToken)
    {
        using var caller = house.Caller();
        var job = await caller.SubmitAsync("sleep 3600 beside", cancellationToken);
        while (await caller.StatusAsync(job, TimeSpan.Zero, cancellationToken) != "running")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    private static IReadOnlyList<Figure> Rows(string what, string unit, double ours, double others, string? note = null) =>
    [
        new Figure($"{what}, this build", unit, ours, null, note),
        new Figure($"{what}, the other", unit, others),
        new Figure($"  {what}: ratio", ours / others, Bar.AtMost(MostRatio, "times")),
    ];
}

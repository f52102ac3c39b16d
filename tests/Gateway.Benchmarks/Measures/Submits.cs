using Gateway.Benchmarks.Figures;

namespace Gateway.Benchmarks.Measures;

/// <summary>How fast jobs are accepted, while others run.</summary>
internal static class Submits
{
    private const int Clients = 8;

    public static async Task<IReadOnlyList<Figure>> RunAsync(MeasureContext context, CancellationToken cancellationToken)
    {
        // One slot: what is measured is the accepting, with little running beside it.
        await using var house = await context.StartAsync(signalling: false, cancellationToken, "--Worker:Slots=1", "--Jobs:MaxQueued=1000000");
        await context.WarmUpAsync(house, cancellationToken);
        var clock = TimeProvider.System;
        var single = new Samples();
        using (var caller = house.Caller())
        {
            for (var i = 0; i < context.Times(300); i++)
            {
                var started = clock.GetTimestamp();
                await caller.SubmitAsync($"now 0 single-{i}", cancellationToken);
                single.Add(clock.GetElapsedTime(started));
            }
        }

        var each = context.Times(250);
        var together = clock.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(
            async () =>
            {
                using var caller = house.Caller();
                for (var i = 0; i < each; i++)
                {
                    await caller.SubmitAsync($"now 0 client-{client}-{i}", cancellationToken);
                }
            },
            cancellationToken)));
        var rate = Clients * each / clock.GetElapsedTime(together).TotalSeconds;
        return
        [
            new Figure("submit, 1 client, p50", single.Median, Bar.AtMost(3, "ms"), single.Spread),
            new Figure("submit, 8 clients", rate, Bar.AtLeast(500, "/s")),
        ];
    }
}

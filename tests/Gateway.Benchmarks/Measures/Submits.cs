using Gateway.Benchmarks.Figures;
using Gateway.Benchmarks.House;

namespace Gateway.Benchmarks.Measures;

/// <summary>How fast jobs are accepted, while others run.</summary>
internal static class Submits
{
    /// <summary>So many submit at once.</summary>
    public const int Clients = 8;

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
        var rate = Clients * each / (await TogetherAsync(house, "client", each, cancellationToken)).TotalSeconds;
        return
        [
            new Figure("submit, 1 client, p50", single.Median, Bar.AtMost(3, "ms"), single.Spread),
            new Figure("submit, 8 clients", rate, Bar.AtLeast(500, "/s")),
        ];
    }

    /// <summary>Lets eight clients submit at once.</summary>
    /// <param name="house">Where.</param>
    /// <param name="name">Begins their prompts: equal calls would be one job.</param>
    /// <param name="each">How many jobs each of them submits.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>How long all of it took.</returns>
    public static async Task<TimeSpan> TogetherAsync(GatewayHouse house, string name, int each, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var started = clock.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(
            async () =>
            {
                using var caller = house.Caller();
                for (var i = 0; i < each; i++)
                {
                    await caller.SubmitAsync($"now 0 {name}-{client}-{i}", cancellationToken);
                }
            },
            cancellationToken)));
        return clock.GetElapsedTime(started);
    }
}

using System.Text.Json.Nodes;
using Gateway.Benchmarks.Figures;

namespace Gateway.Benchmarks.Measures;

/// <summary>From the start of the program to the answer of its first call.</summary>
internal static class Starts
{
    public static async Task<IReadOnlyList<Figure>> RunAsync(MeasureContext context, CancellationToken cancellationToken)
    {
        await using var house = await context.BuildAsync(signalling: false, cancellationToken);
        var first = await StartAsync(house, cancellationToken);
        var again = new Samples();
        for (var i = 0; i < (context.Options.Quick ? 3 : 9); i++)
        {
            await house.KillAllAsync();
            again.Add(await StartAsync(house, cancellationToken));
        }

        return [new Figure("start to first answered call", again.Median, Bar.AtMost(400, "ms"), FormattableString.Invariant($"{again.Spread}; the very first, with an empty data folder: {first.TotalMilliseconds:0} ms"))];
    }

    private static async Task<TimeSpan> StartAsync(House.GatewayHouse house, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var started = clock.GetTimestamp();
        await house.StartAsync(cancellationToken);
        using var caller = house.Caller();
        await caller.CallAsync("llm_job_list", new JsonObject(), cancellationToken);
        return clock.GetElapsedTime(started);
    }
}

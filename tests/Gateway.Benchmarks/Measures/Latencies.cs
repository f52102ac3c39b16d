using Gateway.Benchmarks.Figures;

namespace Gateway.Benchmarks.Measures;

/// <summary>From submit to the start of the CLI, and from its end to the answer of a waiting status call, with nothing else to do.</summary>
internal static class Latencies
{
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(50);

    public static async Task<IReadOnlyList<Figure>> RunAsync(MeasureContext context, CancellationToken cancellationToken)
    {
        await using var house = await context.StartAsync(signalling: true, cancellationToken);
        await context.WarmUpAsync(house, cancellationToken);
        var clock = TimeProvider.System;
        var (starts, ends) = (new Samples(), new Samples());
        using var caller = house.Caller();
        while (house.Signals.All.Count(signal => signal.Word == "end") % 40 != 0)
        {
            await Task.Delay(Rest, clock, cancellationToken);
        }

        for (var i = 0; i < context.Times(200); i++)
        {
            await Task.Delay(Rest, clock, cancellationToken);
            var id = $"latency-{i}";
            var submitted = clock.GetTimestamp();
            var job = await caller.SubmitAsync($"sleep 0.1 {id}", cancellationToken);
            var ending = caller.EndAsync(job, cancellationToken);
            var status = await ending;
            var answered = clock.GetTimestamp();
            if (status != "completed")
            {
                throw new InvalidOperationException($"A job ended as {status}.");
            }

            var run = house.Signals.All.First(signal => signal.Word == "run" && signal.Id == id);
            var end = house.Signals.All.First(signal => signal.Word == "end" && signal.Id == id);
            var start = house.Signals.All.Last(signal => signal.Word == "start" && signal.At <= run.At);
            starts.Add(clock.GetElapsedTime(submitted, start.At));
            ends.Add(clock.GetElapsedTime(end.At, answered));
        }

        return
        [
            new Figure("submit → CLI started, p50, idle", starts.Median, Bar.AtMost(6, "ms"), starts.Spread),
            new Figure("CLI exit → status says completed, p50", ends.Median, Bar.AtMost(2.5, "ms"), ends.Spread),
        ];
    }
}

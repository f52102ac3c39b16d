using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Benchmarks.Figures;
using Gateway.Benchmarks.House;

namespace Gateway.Benchmarks.Measures;

/// <summary>What one run that prints 60 MB does to the memory, and to other callers.</summary>
internal static class Floods
{
    private const int Megabytes = 60;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    public static async Task<IReadOnlyList<Figure>> RunAsync(MeasureContext context, CancellationToken cancellationToken)
    {
        List<Figure> figures = [];
        foreach (var (name, lineBytes) in ((string, int)[])[("60 MB", 4_000), ("60 MB in lines of 1 MB", 1_000_000)])
        {
            figures.AddRange(await FloodAsync(context, name, lineBytes, cancellationToken));
        }

        return figures;
    }

    private static async Task<IReadOnlyList<Figure>> FloodAsync(MeasureContext context, string name, int lineBytes, CancellationToken cancellationToken)
    {
        await using var house = await context.StartAsync(signalling: true, cancellationToken, "--Worker:OutputCapBytes=100000000");
        house.WriteMegabyte(lineBytes);
        await context.WarmUpAsync(house, cancellationToken);
        using var caller = house.Caller();
        var known = await caller.SubmitAsync("now 0 known", cancellationToken);
        await caller.EndAsync(known, cancellationToken);
        await CallAsync(house, known, Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken), cancellationToken);

        var runner = house.RunnerId ?? throw new InvalidOperationException("There is no runner.");
        ProcessFigures.ForgetPeak(house.GatewayId);
        ProcessFigures.ForgetPeak(runner);
        var clock = TimeProvider.System;
        var started = clock.GetTimestamp();
        var job = await caller.SubmitAsync(FormattableString.Invariant($"flood {Megabytes} {name}"), cancellationToken);
        var ending = caller.EndAsync(job, cancellationToken);
        var (slowest, tool, count) = await CallAsync(house, known, ending, cancellationToken);
        var seconds = clock.GetElapsedTime(started).TotalSeconds;
        if (await ending is var status and not "completed")
        {
            throw new InvalidOperationException($"The flood ended as {status}.");
        }

        return
        [
            new Figure($"RSS during {name}, gateway", ProcessFigures.PeakMegabytes(house.GatewayId), Bar.AtMost(200, "MB"), string.Create(CultureInfo.InvariantCulture, $"stored in {seconds:0.0} s")),
            new Figure($"RSS during {name}, runner", ProcessFigures.PeakMegabytes(runner), Bar.AtMost(40, "MB")),
            new Figure($"other callers' slowest call during {name}", slowest, Bar.AtMost(50, "ms"), $"{tool}; {count} calls"),
        ];
    }

    private static async Task<(double Slowest, string Tool, int Count)> CallAsync(GatewayHouse house, string known, Task until, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        using var other = house.Caller();
        (double Slowest, string Tool, int Count) seen = (0, "", 0);
        (string Tool, Func<JsonObject> Arguments)[] calls =
        [
            ("llm_job_status", () => new JsonObject { ["jobId"] = known }),
            ("llm_job_list", () => []),
            ("llm_job_result", () => new JsonObject { ["jobId"] = known }),
            ("claude_request_async", () => new JsonObject { ["prompt"] = string.Create(CultureInfo.InvariantCulture, $"now 0 other-{seen.Count}") }),
            ("llm_process_health", () => []),
        ];
        while (!until.IsCompleted)
        {
            var (tool, arguments) = calls[seen.Count % calls.Length];
            var started = clock.GetTimestamp();
            await other.CallAsync(tool, arguments(), cancellationToken);
            var time = clock.GetElapsedTime(started).TotalMilliseconds;
            // The first call opens the connection.
            seen = time > seen.Slowest && seen.Count > 0 ? (time, tool, seen.Count + 1) : seen with { Count = seen.Count + 1 };
            await Task.Delay(Pause, clock, cancellationToken);
        }

        return seen;
    }
}

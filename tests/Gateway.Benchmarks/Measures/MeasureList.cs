namespace Gateway.Benchmarks.Measures;

/// <summary>Everything that can be measured, in the order of the table.</summary>
internal static class MeasureList
{
    public static IReadOnlyList<Measure> All { get; } =
    [
        new("submit", Submits.RunAsync),
        new("latency", Latencies.RunAsync),
        new("drain", Drains.RunAsync),
        new("status", StatusCalls.RunAsync),
        new("flood", Floods.RunAsync),
        new("start", Starts.RunAsync),
        new("kill", Kills.GatewayAsync),
        new("kill-all", Kills.AllAsync),
        new("tools", ToolLists.RunAsync),
    ];
}

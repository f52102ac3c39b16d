namespace Gateway.Benchmarks.Measures;

/// <summary>What can be measured, in the order of the tables.</summary>
internal static class MeasureList
{
    /// <summary>What is measured behind a broker.</summary>
    public static IReadOnlyList<Measure> ScaleOut { get; } =
    [
        new("queued", QueuedJobs.RunAsync),
        new("scale-out-drain", ScaleOutDrains.RunAsync),
    ];

    /// <summary>What is measured beside another checkout.</summary>
    public static IReadOnlyList<Measure> Against { get; } = [new("compare", Comparisons.RunAsync)];

    /// <summary>What is measured of the one process.</summary>
    public static IReadOnlyList<Measure> All { get; } =
    [
        new("submit", Submits.RunAsync),
        new("policy", PolicyCosts.RunAsync),
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

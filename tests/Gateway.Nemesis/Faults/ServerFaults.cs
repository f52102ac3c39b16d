using Gateway.Nemesis.House;

namespace Gateway.Nemesis.Faults;

/// <summary>Broker and database die and come back on what they kept; sessions are ended; queues are purged and deleted.</summary>
internal static class ServerFaults
{
    private static readonly string[] Queues = ["gateway-run-claude", "gateway-job-lifecycle", "gateway-claim", "gateway-run-output", "gateway-heartbeat"];

    public static IEnumerable<Fault> All =>
    [
        new("kill the broker", c => KillAsync(c, Services.Broker), Overlaps: false),
        new("kill the database", c => KillAsync(c, Services.Database), Overlaps: false),
        new("end all database sessions", async c => FormattableString.Invariant($"{await c.House.Database.EndSessionsAsync(CancellationToken.None)} sessions"), Overlaps: false),
        new("purge a queue", PurgeAsync, Overlaps: false),
        new("delete a queue", DeleteAsync, Overlaps: false),
    ];

    private static async Task<string> KillAsync(FaultContext context, string service)
    {
        using var span = context.House.Timeline.Begin(service);
        var began = Clock.Ticks;
        await context.House.Services.KillAsync(service);
        await context.HoldAsync(context.Between(0, 6));
        await context.House.Services.RestartAsync(service);
        return FormattableString.Invariant($"{service} away for {Clock.Since(began).TotalSeconds:0.0} s");
    }

    private static async Task<string> PurgeAsync(FaultContext context)
    {
        var queue = context.Any(Queues);
        using var span = context.House.Timeline.Begin(queue);
        await context.House.Pages.PurgeQueueAsync(queue);
        return queue;
    }

    private static async Task<string> DeleteAsync(FaultContext context)
    {
        var queue = context.Any(Queues);
        using var span = context.House.Timeline.Begin(queue);
        await context.Tap.BindAsync(queue, bound: false, CancellationToken.None);
        var began = Clock.Ticks;
        await context.House.Pages.DeleteQueueAsync(queue);

        // The gateways declare what they send to every 30 s.
        var back = await Clock.UntilAsync(async () => (await context.House.Pages.QueuesAsync(CancellationToken.None)).Any(q => q.Name == queue), TimeSpan.FromSeconds(60), CancellationToken.None);
        await context.Tap.BindAsync(queue, bound: true, CancellationToken.None);

        // Not killed at once with the queue so young: RabbitMQ 3.10 would bring it back without a leader.
        await Clock.Pause(TimeSpan.FromSeconds(6), CancellationToken.None);
        return FormattableString.Invariant($"{queue}, {(back ? "there again" : "still missing")} after {Clock.Since(began).TotalSeconds:0.0} s");
    }
}

using Gateway.Nemesis.House;

namespace Gateway.Nemesis.Faults;

/// <summary>What happens between one process and a server: cut, half open, torn in the middle of a message, a commit whose answer is lost.</summary>
internal static class NetworkFaults
{
    public static IEnumerable<Fault> All =>
    [
        new("cut a process off the broker", c => CutAsync(c, Broker(c), c.Between(1, 20))),
        new("half-open connection to the broker", c => HoldAsync(c, Broker(c))),
        new("reset a broker connection after n bytes", c => ResetAsync(c, Broker(c))),
        new("cut an API off the database", c => CutAsync(c, DatabaseOf(c), c.Between(1, 12))),
        new("half-open connection to the database", c => HoldAsync(c, DatabaseOf(c))),
        new("reset a database connection after n bytes", c => ResetAsync(c, DatabaseOf(c))),
        new("commit succeeds, caller sees an error", HideCommitsAsync),
    ];

    private static FaultProxy Broker(FaultContext context) => context.House.BrokerProxies[context.AnyProgram().Name];

    private static FaultProxy DatabaseOf(FaultContext context) => context.House.DatabaseProxies[context.AnyApi().Name];

    private static async Task<string> CutAsync(FaultContext context, FaultProxy proxy, TimeSpan time)
    {
        using var span = context.House.Timeline.Begin(proxy.Name);
        proxy.Cut();
        await context.HoldAsync(time);
        proxy.Heal();
        return FormattableString.Invariant($"{proxy.Name} for {time.TotalSeconds:0.0} s");
    }

    private static async Task<string> HoldAsync(FaultContext context, FaultProxy proxy)
    {
        using var span = context.House.Timeline.Begin(proxy.Name);
        var (way, time) = (context.Random.Next(3), context.Between(1, 15));
        proxy.Hold(towardsServer: way != 1, towardsClient: way != 0);
        await context.HoldAsync(time);
        proxy.Heal();
        return FormattableString.Invariant($"{proxy.Name}, {(way switch { 0 => "towards the server", 1 => "towards the client", _ => "both ways" })}, for {time.TotalSeconds:0.0} s");
    }

    private static async Task<string> ResetAsync(FaultContext context, FaultProxy proxy)
    {
        using var span = context.House.Timeline.Begin(proxy.Name);
        var (before, times) = (proxy.Done.Resets, context.Random.Next(1, 6));
        for (var i = 0; i < times; i++)
        {
            proxy.ResetAfter(context.Random.Next(1, 20_000));
            await context.HoldAsync(context.Between(0.2, 2));
        }

        proxy.Heal();
        return FormattableString.Invariant($"{proxy.Name}, {proxy.Done.Resets - before} times");
    }

    private static async Task<string> HideCommitsAsync(FaultContext context)
    {
        var (hidden, rounds) = (0, context.Random.Next(2, 8));
        using var span = context.House.Timeline.Begin("commits");
        for (var i = 0; i < rounds; i++)
        {
            var proxy = DatabaseOf(context);
            var before = proxy.Done.Commits;
            proxy.HideCommits(context.Random.Next(1, 4));
            await context.HoldAsync(context.Between(0.2, 1.5));
            proxy.Heal();
            hidden += proxy.Done.Commits - before;
        }

        return FormattableString.Invariant($"{hidden} commits");
    }
}

using Gateway.Nemesis.Clients;

namespace Gateway.Nemesis.Faults;

/// <summary>Messages come twice, late, in another order, or are none.</summary>
internal static class MessageFaults
{
    public static IEnumerable<Fault> All =>
    [
        new("duplicates of what was just sent", c => AgainAsync(c, old: false)),
        new("late messages out of order", c => AgainAsync(c, old: true)),
        new("poison", PoisonAsync, Overlaps: false),
    ];

    private static async Task<string> AgainAsync(FaultContext context, bool old)
    {
        var sent = await context.Tap.SendAgainAsync(context.Random.Next(40, 120), old, context.Random, CancellationToken.None);
        return FormattableString.Invariant($"{sent} messages");
    }

    private static async Task<string> PoisonAsync(FaultContext context)
    {
        var exchange = context.Any<string>([MessageTap.Lifecycle, MessageTap.RunCommands]);
        if (await context.Tap.SendPoisonAsync(exchange, CancellationToken.None) is { } id)
        {
            lock (context.Poison)
            {
                context.Poison.Add(id);
            }

            return exchange;
        }

        return "none: the broker was away";
    }
}

using System.Globalization;
using Gateway.Policies.Evaluation;

namespace Gateway.Policies.Limits;

/// <summary>Counts a call in every limit or in none.</summary>
public static class Counting
{
    /// <summary>Adds each charge, in the order of the keys, so that calls which share counters wait for each other and never in a circle.</summary>
    /// <param name="judgement">The call's limits.</param>
    /// <param name="counters">The counters of the transaction that the call belongs to.</param>
    /// <param name="now">Time of the store's clock.</param>
    /// <param name="cancellationToken">Ends the wait for the store.</param>
    public static async Task<CountResult> CountAsync(Judgement judgement, ICounters counters, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var charges = judgement.Limits.Select(limit => limit.ChargeAt(now)).ToList();
        List<(Charge Charge, decimal Used)> counted = [];
        foreach (var charge in charges.OrderBy(c => c.Key, StringComparer.Ordinal))
        {
            if (await counters.TryAddAsync(charge, cancellationToken).ConfigureAwait(false) is not { } used)
            {
                return new CountResult(await RefuseAsync(judgement, charges, counted, counters, now, cancellationToken).ConfigureAwait(false), []);
            }

            counted.Add((charge, used));
        }

        return new CountResult(null, [.. charges.Select(charge => counted.First(c => c.Charge == charge))]);
    }

    // Told is the one that holds longest; of equal ones the first of the file, the tool's before those of all tools.
    private static async Task<Refusal> RefuseAsync(
        Judgement judgement, List<Charge> charges, List<(Charge Charge, decimal Used)> counted, ICounters counters, DateTimeOffset now, CancellationToken cancellationToken)
    {
        (Charge Charge, decimal Used)? told = null;
        foreach (var charge in charges)
        {
            var added = counted.FirstOrDefault(c => c.Charge == charge);
            var used = added.Charge is null ? await counters.ReadAsync(charge, cancellationToken).ConfigureAwait(false) : added.Used - charge.Limit.Amount;
            if (used + charge.Limit.Amount > charge.Limit.Max && (told is null || charge.WindowEnd > told.Value.Charge.WindowEnd))
            {
                told = (charge, used);
            }
        }

        // Another transaction may have been rolled back between the two looks: then the limit that refused is as good as any.
        var (limit, usedThere) = told is { } found ? (found.Charge, found.Used) : (charges.First(c => counted.TrueForAll(a => a.Charge != c)), 0m);
        return new Refusal
        {
            Kind = RefusalKinds.RateLimited,
            Rule = limit.Limit.Rule,
            Reason = $"limit {limit.Limit.Counter} ({Number(limit.Limit.Max)} per {WindowWord(limit.Limit.Window)}) reached",
            PolicyHash = judgement.PolicyHash,
            RetryAfterSeconds = Math.Max(1, (int)Math.Ceiling((limit.WindowEnd - now).TotalSeconds)),
            Limit = limit.Limit.Max,
            Remaining = limit.Limit.Scope == LimitScope.Global ? null : Math.Max(0, limit.Limit.Max - usedThere),
        };
    }

    private static string Number(decimal number) => number.ToString("0.######", CultureInfo.InvariantCulture);

    private static string WindowWord(TimeSpan window) => window.TotalSeconds switch
    {
        60 => "minute",
        3600 => "hour",
        86400 => "day",
        var seconds => $"{seconds.ToString(CultureInfo.InvariantCulture)} s",
    };
}

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

    /// <summary>What <see cref="CountAsync"/> would say at this moment. Nothing is added, and nothing is kept free until the call comes.</summary>
    /// <param name="judgement">The call's limits.</param>
    /// <param name="counters">The counters; they are only read.</param>
    /// <param name="now">Time of the store's clock.</param>
    /// <param name="cancellationToken">Ends the wait for the store.</param>
    /// <returns>Why the call would not pass, null when it would; and every limit in the order of the file.</returns>
    public static async Task<(Refusal? Refusal, IReadOnlyList<LimitStanding> Standings)> PreviewAsync(Judgement judgement, ICounters counters, DateTimeOffset now, CancellationToken cancellationToken)
    {
        List<LimitStanding> standings = [];
        foreach (var limit in judgement.Limits)
        {
            var charge = limit.ChargeAt(now);
            standings.Add(new LimitStanding(charge, await counters.ReadAsync(charge, cancellationToken).ConfigureAwait(false)));
        }

        // The first of those that hold longest, as when it is counted.
        var told = standings.Where(s => s.Used + s.Charge.Limit.Amount > s.Charge.Limit.Max).OrderByDescending(s => s.Charge.WindowEnd).FirstOrDefault();
        return (told is null ? null : Refuse(judgement, told.Charge, told.Used, now), standings);
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
        return Refuse(judgement, limit, usedThere, now);
    }

    private static Refusal Refuse(Judgement judgement, Charge charge, decimal used, DateTimeOffset now) => new()
    {
        Kind = RefusalKinds.RateLimited,
        Rule = charge.Limit.Rule,
        Reason = $"limit {charge.Limit.Counter} ({Number(charge.Limit.Max)} per {WindowWord(charge.Limit.Window)}) reached",
        PolicyHash = judgement.PolicyHash,
        RetryAfterSeconds = Math.Max(1, (int)Math.Ceiling((charge.WindowEnd - now).TotalSeconds)),
        Limit = charge.Limit.Max,
        Remaining = charge.Limit.Scope == LimitScope.Global ? null : Math.Max(0, charge.Limit.Max - used),
    };

    private static string Number(decimal number) => number.ToString("0.######", CultureInfo.InvariantCulture);

    private static string WindowWord(TimeSpan window) => window.TotalSeconds switch
    {
        60 => "minute",
        3600 => "hour",
        86400 => "day",
        var seconds => $"{seconds.ToString(CultureInfo.InvariantCulture)} s",
    };
}

using Gateway.Policies.Evaluation;
using Gateway.Policies.Limits;

namespace Gateway.Policies.Documents;

/// <summary>W05: limits that can never be the one that refuses, since another of the same scope is always met first.</summary>
internal static class LimitWarnings
{
    public static IEnumerable<(string Code, string Pointer, string Message)> Unreachable(PolicyRules rules)
    {
        foreach (var found in Among(rules.AllTools, []))
        {
            yield return found;
        }

        foreach (var rule in rules.Tools.Values)
        {
            foreach (var found in Among(rule.Limits, rules.AllTools))
            {
                yield return found;
            }
        }
    }

    private static IEnumerable<(string Code, string Pointer, string Message)> Among(IReadOnlyList<LimitRule> own, IReadOnlyList<LimitRule> above)
    {
        foreach (var (index, limit) in own.Index())
        {
            // Of two that are always met together the first of the file is the one that counts.
            var stronger = own.Where((other, at) => at != index && Hides(other, limit) && (at < index || !Hides(limit, other))).Concat(above.Where(other => Hides(other, limit))).FirstOrDefault();
            if (stronger is not null)
            {
                yield return ("W05", limit.Rule, $"This limit is never reached: {stronger.Rule} of the same scope is always met before it. Remove it, or change one of the two.");
            }
        }
    }

    private static bool Hides(LimitRule stronger, LimitRule weaker) => stronger.Scope == weaker.Scope && (stronger, weaker) switch
    {
        (CapRule s, CapRule w) => s.Cap.Kind == w.Cap.Kind && s.Cap.Max <= w.Cap.Max,
        (CounterRule s, CounterRule w) => s.IncrementFrom?.Text == w.IncrementFrom?.Text && s.Max * WindowsOf(s.Window, w.Window) <= w.Max,
        _ => false,
    };

    // How many windows of the one can lie in, or reach into, one window of the other.
    private static decimal WindowsOf(TimeSpan inner, TimeSpan outer)
    {
        var (short_, long_) = ((decimal)inner.TotalSeconds, (decimal)outer.TotalSeconds);
        return short_ % long_ == 0 ? 1 : long_ % short_ == 0 ? long_ / short_ : Math.Ceiling(long_ / short_) + 1;
    }
}

using System.Diagnostics.Metrics;

namespace Gateway.Api.Policies;

/// <summary>Every name under which the policies tell what they do.</summary>
internal static class PolicyTelemetry
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "Gateway.Policies";

    /// <summary>Counter: calls that were decided, with <see cref="DecisionTag"/> and <see cref="KindTag"/>.</summary>
    public const string Decisions = "gateway.policy.decisions";

    /// <summary>Counter: edits of the files, with <see cref="ResultTag"/>.</summary>
    public const string Reloads = "gateway.policy.reloads";

    /// <summary>Histogram: time that the policy took of a call, without the store.</summary>
    public const string Duration = "gateway.policy.duration";

    /// <summary>Tag: allowed, denied or held.</summary>
    public const string DecisionTag = "gateway.policy.decision";

    /// <summary>Tag: a word of <c>error.kind</c>.</summary>
    public const string KindTag = "gateway.policy.kind";

    /// <summary>Tag: loaded or refused.</summary>
    public const string ResultTag = "gateway.policy.result";

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Decided = Meter.CreateCounter<long>(Decisions, "{call}", "Calls that a policy decided.");
    private static readonly Counter<long> Loads = Meter.CreateCounter<long>(Reloads, "{reload}", "Edits of the policy files.");
    private static readonly Histogram<double> Times = Meter.CreateHistogram(
        Duration, "s", "Time that the policy took of a call, without the store.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.00001, 0.0001, 0.001, 0.01, 0.1] });

    public static void CallDecided(string decision, string? kind) =>
        Decided.Add(1, new KeyValuePair<string, object?>(DecisionTag, decision), new KeyValuePair<string, object?>(KindTag, kind ?? "none"));

    public static void Reloaded(string result) => Loads.Add(1, new KeyValuePair<string, object?>(ResultTag, result));

    public static void Took(TimeSpan time) => Times.Record(time.TotalSeconds);
}

using System.Diagnostics;
using System.Diagnostics.Metrics;
using Gateway.Execution.Runs;

namespace Gateway.Execution;

/// <summary>Every name under which this project tells what it does.</summary>
internal static class ExecutionTelemetry
{
    /// <summary>Name of source and meter.</summary>
    public const string Name = "Gateway.Execution";

    /// <summary>Counter of runs that were started.</summary>
    public const string RunsStarted = "gateway.runs.started";

    /// <summary>Counter of runs that ended, with <see cref="VerdictTag"/> and <see cref="FailureTag"/>.</summary>
    public const string RunsEnded = "gateway.runs.ended";

    /// <summary>Tag: completed, failed, canceled, interrupted or lost.</summary>
    public const string VerdictTag = "gateway.run.verdict";

    /// <summary>Tag: a word of <c>failure.kind</c>.</summary>
    public const string FailureTag = "gateway.run.failure";

    /// <summary>Spans of starting runs.</summary>
    public static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Started = Meter.CreateCounter<long>(RunsStarted);
    private static readonly Counter<long> Ended = Meter.CreateCounter<long>(RunsEnded);

    /// <summary>Counts a start.</summary>
    public static void RunStarted() => Started.Add(1);

    /// <summary>Counts an end.</summary>
    public static void RunEnded(RunVerdict verdict) => Ended.Add(
        1,
        new KeyValuePair<string, object?>(VerdictTag, verdict.Kind.ToString().ToLowerInvariant()),
        new KeyValuePair<string, object?>(FailureTag, verdict.Failure?.Kind));
}

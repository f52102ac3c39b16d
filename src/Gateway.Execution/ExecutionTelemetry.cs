using System.Diagnostics;
using System.Diagnostics.Metrics;
using Gateway.Contracts.Commands;
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

    /// <summary>Span from the granted claim to the started process; what the CLI traces hangs below it.</summary>
    public const string RunStartSpan = "run start";

    /// <summary>Tag of a span: the job.</summary>
    public const string JobTag = "gateway.job.id";

    /// <summary>Tag of a span: number of the attempt.</summary>
    public const string AttemptTag = "gateway.run.attempt";

    /// <summary>Tag of a span: the CLI.</summary>
    public const string CliTag = "gateway.cli";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Started = Meter.CreateCounter<long>(RunsStarted, "{run}", "Runs that were started.");
    private static readonly Counter<long> Ended = Meter.CreateCounter<long>(RunsEnded, "{run}", "Runs that ended, as their worker saw it.");

    /// <summary>Begins the span of a start in the trace of the call that asked for the job; null when nobody listens.</summary>
    /// <param name="request">The command.</param>
    public static Activity? BeginRunStart(RunClaudeRequest request)
    {
        // The command waited in an outbox and a queue: what is current here may be a sweep of its own.
        var parent = ActivityContext.TryParse(request.TraceParent, null, isRemote: true, out var asked) ? asked : default;
        var span = Source.StartActivity(RunStartSpan, ActivityKind.Internal, parent);
        span?.SetTag(JobTag, request.JobId).SetTag(AttemptTag, request.Attempt).SetTag(CliTag, request.Provider);
        return span;
    }

    /// <summary>Counts a start.</summary>
    public static void RunStarted() => Started.Add(1);

    /// <summary>Counts an end.</summary>
    public static void RunEnded(RunVerdict verdict) => Ended.Add(
        1,
        new KeyValuePair<string, object?>(VerdictTag, verdict.Kind.ToString().ToLowerInvariant()),
        new KeyValuePair<string, object?>(FailureTag, verdict.Failure?.Kind));
}

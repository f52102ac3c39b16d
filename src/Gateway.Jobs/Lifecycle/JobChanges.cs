using Gateway.Contracts.Commands;
using Gateway.Contracts.Values;

namespace Gateway.Jobs.Lifecycle;

/// <summary>What reports of runs change in a job's row.</summary>
internal static class JobChanges
{
    /// <summary>Takes over what a run reported: figures of the attempt replace, usage adds up over attempts.</summary>
    public static void Apply(this Job job, RunResult result)
    {
        job.StartedAtMs = result.StartedAt?.ToUnixTimeMilliseconds() ?? job.StartedAtMs;
        job.DurationMs = (long?)result.Duration?.TotalMilliseconds;
        job.ExitCode = result.ExitCode;
        job.OutputTruncated = result.OutputTruncated;
        job.Model = result.Model ?? job.Model;
        job.SessionId = result.SessionId ?? job.SessionId;
        if (result.Usage is { } usage)
        {
            job.CostUsd = Sum(job.CostUsd, usage.CostUsd);
            job.InputTokens = Sum(job.InputTokens, usage.InputTokens);
            job.OutputTokens = Sum(job.OutputTokens, usage.OutputTokens);
            job.CacheReadTokens = Sum(job.CacheReadTokens, usage.CacheReadTokens);
            job.CacheCreationTokens = Sum(job.CacheCreationTokens, usage.CacheCreationTokens);
            job.NumTurns = usage.NumTurns is null ? job.NumTurns : (job.NumTurns ?? 0) + usage.NumTurns;
        }
    }

    /// <summary>Keeps why the job failed.</summary>
    public static void SetFailure(this Job job, RunFailure failure)
    {
        job.FailureKind = failure.Kind;
        job.FailureMessage = failure.Message;
        job.FailureRetryable = failure.Retryable;
        job.FailureRetryAfterSeconds = failure.RetryAfterSeconds;
        job.FailureSignal = failure.Signal;
        job.FailureApiStatus = failure.ApiStatus;
    }

    /// <summary>The command that releases the next attempt.</summary>
    public static RunClaudeRequest NextRelease(this Job job) => new()
    {
        JobId = job.CorrelationId,
        Attempt = job.Attempt + 1,
        Provider = job.Cli,
        Pool = job.Pool,
        TraceParent = job.TraceParent,
    };

    private static decimal? Sum(decimal? total, decimal? part) => part is null ? total : (total ?? 0) + part;

    private static long? Sum(long? total, long? part) => part is null ? total : (total ?? 0) + part;
}

using System.Numerics;
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
        if (result.Usage is { } usage)
        {
            job.CostUsd = Sum(job.CostUsd, usage.CostUsd, RunUsage.MaxCostUsd);
            job.InputTokens = Sum(job.InputTokens, usage.InputTokens, RunUsage.MaxTokens);
            job.OutputTokens = Sum(job.OutputTokens, usage.OutputTokens, RunUsage.MaxTokens);
            job.CacheReadTokens = Sum(job.CacheReadTokens, usage.CacheReadTokens, RunUsage.MaxTokens);
            job.CacheCreationTokens = Sum(job.CacheCreationTokens, usage.CacheCreationTokens, RunUsage.MaxTokens);
            job.NumTurns = Sum(job.NumTurns, usage.NumTurns, RunUsage.MaxTurns);
        }
    }

    /// <summary>Keeps why the job failed.</summary>
    public static void SetFailure(this Job job, RunFailure failure)
    {
        job.FailureKind = failure.Kind;
        job.FailureMessage = KeyShapes.Without(failure.Message);
        job.FailureRetryable = failure.Retryable;
        job.FailureRetryAfterSeconds = failure.RetryAfterSeconds;
        job.FailureSignal = failure.Signal;
        job.FailureApiStatus = failure.ApiStatus;
    }

    /// <summary>Keeps what kept the job from starting.</summary>
    public static void SetFailure(this Job job, PolicyFailure failure)
    {
        job.FailureKind = failure.Kind;
        job.FailureMessage = failure.Reason;
        job.FailureRule = failure.Rule;
        job.FailurePolicyHash = failure.PolicyHash;
        job.FailureRetryable = failure.Kind == FailureKinds.ApprovalExpired;
    }

    /// <summary>The command that releases the next attempt.</summary>
    public static RunClaudeRequest NextRelease(this Job job) => new()
    {
        JobId = job.CorrelationId,
        Attempt = job.Attempt + 1,
        Provider = job.Cli,
        Pool = job.Pool,
        Tenant = job.Tenant,
        TraceParent = job.TraceParent,
    };

    /// <summary>
    /// The report with figures that the columns hold: a worker works on untrusted text, and no figure in it may keep an outcome
    /// from being stored.
    /// </summary>
    public static RunResult Believed(this RunResult result) => result.Usage is not { } usage ? result : result with
    {
        Usage = usage with
        {
            CostUsd = usage.CostUsd is { } usd ? Math.Clamp(usd, 0, RunUsage.MaxCostUsd) : null,
            InputTokens = Tokens(usage.InputTokens),
            OutputTokens = Tokens(usage.OutputTokens),
            CacheReadTokens = Tokens(usage.CacheReadTokens),
            CacheCreationTokens = Tokens(usage.CacheCreationTokens),
            NumTurns = usage.NumTurns is { } turns ? Math.Clamp(turns, 0, RunUsage.MaxTurns) : null,
        },
    };

    private static long? Tokens(long? count) => count is { } tokens ? Math.Clamp(tokens, 0, RunUsage.MaxTokens) : null;

    private static T? Sum<T>(T? total, T? part, T most)
        where T : struct, INumber<T> => part is { } more ? T.Min(most, (total ?? T.Zero) + more) : total;
}

using System.Text.Json;
using Gateway.Contracts.Values;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Lifecycle;

namespace Gateway.Jobs.Reading;

/// <summary>Turns rows into what callers see.</summary>
internal static class JobViews
{
    private const int PreviewChars = 120;

    /// <summary>A job that was stored a moment ago: nothing stands beside its row but the first event.</summary>
    public static JobView OfNew(Job job)
    {
        var now = At(job.CreatedAtMs);
        var first = LifecycleEvent.FirstOf(job);
        var record = new JobRecord(job, 0, 0, first.Count, first[^1].Phase, job.CreatedAtMs);
        return Of(record, now) with { Progress = Progress(record, 0, [], IsDelayed(job, now)) };
    }

    /// <summary>The view without progress, queue position and preview.</summary>
    public static JobView Of(JobRecord record, DateTimeOffset now)
    {
        var job = record.Job;
        var status = job.Status();
        return new JobView
        {
            Id = JobIdText.Format(job.CorrelationId),
            Cli = job.Cli,
            Status = status,
            Failure = status == JobStatus.Failed ? FailureOf(job) : null,
            Attempt = job.Attempt,
            MaxAttempts = job.MaxAttempts,
            CorrelationId = job.RequestCorrelationId,
            CreatedAt = At(job.CreatedAtMs),
            QueuedAt = At(job.QueuedAtMs),
            StartedAt = At(job.StartedAtMs),
            DurationMs = DurationOf(job, status, now),
            ExitCode = job.ExitCode,
            NotBefore = IsDelayed(job, now) ? At(job.NotBeforeMs) : null,
            Worker = job.WorkerName,
            FinishedAt = At(job.FinishedAtMs),
            CancelRequestedAt = At(job.CancelRequestedAtMs),
            IdempotencyKey = job.IdempotencyKey,
            ApprovalId = job.ApprovalId is { } approval ? ApprovalIdText.Format(approval) : null,
            RetryOf = job.RetryOf is { } old ? JobIdText.Format(old) : null,
            Model = job.Model,
            SessionId = job.KeepsSession ? job.SessionId : null,
            WaitsForTurn = status == JobStatus.Queued && job.DueAtMs == Job.NoTurn,
            Workspace = job.Workspace,
            Priority = JobPriority.WordOf(job.Priority),
            Labels = JsonSerializer.Deserialize(job.LabelsJson, JobsJson.Default.IReadOnlyListString) ?? [],
            StdoutBytes = record.StdoutBytes,
            StderrBytes = record.StderrBytes,
            OutputTruncated = job.OutputTruncated,
            CostUsd = job.CostUsd,
            Usage = UsageOf(job),
            NumTurns = job.NumTurns,
            PollAfterMs = PollAfter(job, status, now),
        };
    }

    /// <summary>Progress with a page of events.</summary>
    public static ProgressView Progress(JobRecord record, long afterSeq, IReadOnlyList<ProgressEventView> events, bool isDelayed)
    {
        var next = events.Count > 0 ? events[^1].Seq : Math.Min(afterSeq, record.HighWaterSeq);
        var highWater = Math.Max(record.HighWaterSeq, next);
        return new ProgressView
        {
            Phase = PhaseOf(record, isDelayed),
            LastActivityAt = At(record.LastActivityAtMs),
            HighWaterSeq = highWater,
            NextAfterSeq = next,
            HasMore = next < highWater,
            Events = events,
        };
    }

    /// <summary>First characters of the prompt, never half of one.</summary>
    public static string Preview(Job job)
    {
        var text = job.PromptPreview;
        if (text.Length <= PreviewChars)
        {
            return text;
        }

        return text[..(char.IsHighSurrogate(text[PreviewChars - 1]) ? PreviewChars - 1 : PreviewChars)];
    }

    // The state is the row's; a phase that an older event left behind must not contradict it.
    private static string PhaseOf(JobRecord record, bool isDelayed) => record.Job.Status() switch
    {
        JobStatus.Running => record.Phase is "queued" or "waiting" ? "starting" : record.Phase,
        JobStatus.AwaitingApproval or JobStatus.Parked => "waiting",
        JobStatus.Queued => isDelayed || record.Job.DueAtMs == Job.NoTurn ? "waiting" : "queued",
        var status => status,
    };

    private static bool IsDelayed(Job job, DateTimeOffset now) =>
        job.CurrentState is nameof(JobLifecycle.Queued) or nameof(JobLifecycle.Parked) && job.NotBeforeMs > now.ToUnixTimeMilliseconds();

    private static JobFailure? FailureOf(Job job) => job.FailureKind is null ? null : new JobFailure
    {
        Kind = job.FailureKind,
        Message = job.FailureMessage ?? "",
        Retryable = job.FailureRetryable,
        RetryAfterSeconds = job.FailureRetryAfterSeconds,
        Signal = job.FailureSignal,
        ApiStatus = job.FailureApiStatus,
        Rule = job.FailureRule,
        Reason = job.FailureRule is null ? null : job.FailureMessage,
        PolicyHash = job.FailurePolicyHash,
        ApprovalId = job.FailureKind is FailureKinds.ApprovalRejected or FailureKinds.ApprovalExpired && job.ApprovalId is { } id ? ApprovalIdText.Format(id) : null,
    };

    private static TokenUsage? UsageOf(Job job) =>
        job.InputTokens is null && job.OutputTokens is null && job.CacheReadTokens is null && job.CacheCreationTokens is null
            ? null
            : new TokenUsage(job.InputTokens ?? 0, job.OutputTokens ?? 0, job.CacheReadTokens ?? 0, job.CacheCreationTokens ?? 0);

    private static long? DurationOf(Job job, string status, DateTimeOffset now)
    {
        if (job.DurationMs is not null || job.StartedAtMs is not { } started)
        {
            return job.DurationMs;
        }

        // The clock of the worker may be ahead of ours: a duration is never negative.
        return status is JobStatus.Running or JobStatus.Canceling ? Math.Max(0, now.ToUnixTimeMilliseconds() - started) : null;
    }

    // Young jobs are worth asking about often, old ones rarely: a tenth of the age, within the contract's bounds.
    private static int PollAfter(Job job, string status, DateTimeOffset now)
    {
        if (JobStatus.IsFinal(status))
        {
            return 0;
        }

        var age = now.ToUnixTimeMilliseconds() - job.QueuedAtMs;
        return (int)Math.Clamp(age / 10, 500, 15_000);
    }

    private static DateTimeOffset At(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    private static DateTimeOffset? At(long? ms) => ms is null ? null : At(ms.Value);
}

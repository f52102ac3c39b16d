using Gateway.Contracts.Values;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Lifecycle;
using Microsoft.Extensions.Options;

namespace Gateway.Jobs.Reading;

/// <summary>Answers what callers ask about jobs. An unknown job and a foreign one are both null, by the same statements.</summary>
public sealed class JobReader(IJobQueries queries, JobSignals signals, AdmissionCounters counters, IOptions<JobsOptions> options, TimeProvider clock)
{
    // A lost wake-up costs a waiter this long.
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    /// <summary>One job, with the events that are wanted (or without progress when <paramref name="progress"/> is null).</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="progress">Which events.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<JobView?> FindAsync(Caller caller, Guid jobId, ProgressQuery? progress, CancellationToken cancellationToken) =>
        await queries.FindAsync(caller, jobId, cancellationToken) is { } record
            ? await ViewAsync(record, progress, cancellationToken)
            : null;

    /// <summary>Jobs of the caller that a correlation id leads to, newest first.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="correlationId">The id.</param>
    /// <param name="most">Most jobs.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<IReadOnlyList<Guid>> FindByNameAsync(Caller caller, string correlationId, int most, CancellationToken cancellationToken) =>
        queries.FindByNameAsync(caller, correlationId, most, cancellationToken);

    /// <summary>Whether the caller has this job. Costs the same however many jobs wait: it asks for no place in the queue.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<bool> ExistsAsync(Caller caller, Guid jobId, CancellationToken cancellationToken) =>
        await queries.FindAsync(caller, jobId, cancellationToken) is not null;

    /// <summary>
    /// Like <see cref="FindAsync"/>, but waits up to <paramref name="wait"/> until there is an event after the one asked
    /// for or another state (or, with <paramref name="untilFinal"/>, until the job is final).
    /// </summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="progress">Which events.</param>
    /// <param name="untilFinal">Wake at the end alone.</param>
    /// <param name="wait">Longest wait.</param>
    /// <param name="cancellationToken">Ends the waiting, never the job.</param>
    public async Task<JobView?> WaitAsync(Caller caller, Guid jobId, ProgressQuery progress, bool untilFinal, TimeSpan wait, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        using var signal = signals.Listen(jobId);
        string? firstState = null;
        while (true)
        {
            // Armed before the look, so that a change between look and wait is not missed.
            var changed = signal.NextAsync();
            var record = await queries.FindAsync(caller, jobId, cancellationToken);
            if (record is null)
            {
                return null;
            }

            firstState ??= record.Job.CurrentState;
            var left = wait - clock.GetElapsedTime(started);
            var isFinal = record.Job.FinishedAtMs is not null;
            var isNews = !untilFinal && (record.HighWaterSeq > progress.AfterSeq || record.Job.CurrentState != firstState);
            if (isFinal || isNews || left <= TimeSpan.Zero)
            {
                return await ViewAsync(record, progress, cancellationToken);
            }

            await ChangeOrTimeAsync(changed, left < LookAgain ? left : LookAgain, cancellationToken);
        }
    }

    /// <summary>A page of the caller's jobs.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="filter">Which jobs.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<JobPage> ListAsync(Caller caller, JobFilter filter, CancellationToken cancellationToken)
    {
        var records = await queries.ListAsync(caller, filter, cancellationToken);
        var now = clock.GetUtcNow();
        var page = records.Take(filter.Limit).Select(record => JobViews.Of(record, now) with
        {
            PromptPreview = options.Value.PromptPreviews && record.Job.Content == JobContent.Kept && IsOwn(caller, record) ? JobViews.Preview(record.Job) : null,
            Owner = filter.Owner is null ? null : record.Job.GrantLabel,
        }).ToList();
        var last = records.Count > filter.Limit ? records[filter.Limit - 1].Job : null;
        return new JobPage(page, last is null ? null : new JobCursor(last.CreatedAtMs, last.CorrelationId));
    }

    // Who may see that others have jobs may not read what they ask for.
    private static bool IsOwn(Caller caller, JobRecord record) => record.Job.Grant == caller.Grant;

    /// <summary>What is stored of an attempt's output; null for an unknown job, or an attempt that never was.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="attempt">The attempt; null for the newest.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<OutputSnapshot?> FindOutputAsync(Caller caller, Guid jobId, int? attempt, CancellationToken cancellationToken)
    {
        var record = await queries.FindAsync(caller, jobId, cancellationToken);
        if (record is null || attempt > Math.Max(1, record.Job.Attempt))
        {
            return null;
        }

        var wanted = attempt ?? record.Job.Attempt;
        var ended = await queries.FindAttemptAsync(jobId, wanted, cancellationToken);
        var lengths = wanted == 0
            ? new Dictionary<OutputStream, long>()
            : await queries.ReadStoredBytesAsync(jobId, wanted, cancellationToken);
        return new OutputSnapshot
        {
            Job = await ViewAsync(record, null, cancellationToken),
            Attempt = wanted,
            LengthBytes = lengths,
            Ended = ended is not null || wanted < record.Job.Attempt || record.Job.FinishedAtMs is not null,
            HasAnswer = ended?.HasAnswer ?? false,
            AnswerIsError = ended?.AnswerIsError ?? false,
            StructuredOutputJson = ended?.StructuredOutputJson,
            Warnings = ended?.Warnings ?? [],
            Worktree = ended?.Worktree,
            IsGone = record.Job.Content != JobContent.Kept,
        };
    }

    /// <summary>What a job was asked for.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<StoredRequest?> FindRequestAsync(Caller caller, Guid jobId, CancellationToken cancellationToken) =>
        queries.FindRequestAsync(caller, jobId, cancellationToken);

    /// <summary>What workers last told of their CLIs.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<IReadOnlyList<SeenCli>> ReadClisAsync(CancellationToken cancellationToken) => queries.ReadClisAsync(cancellationToken);

    /// <summary>What workers last saw of their workspaces.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<IReadOnlyList<SeenWorkspace>> ReadWorkspacesAsync(CancellationToken cancellationToken) => queries.ReadWorkspacesAsync(cancellationToken);

    /// <summary>Figures for the health tool.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<HealthView> ReadHealthAsync(Caller caller, CancellationToken cancellationToken)
    {
        var figures = await queries.ReadFiguresAsync(caller, cancellationToken);
        return new HealthView
        {
            RunningJobs = figures.OwnRunning,
            QueuedJobs = figures.OwnQueued,
            RunningByProvider = figures.RunningByProvider,
            QueuedByProvider = figures.QueuedByProvider,
            MaxQueued = options.Value.MaxQueued,
            Rejected = counters.Rejected,
            DeadMessages = figures.DeadMessages,
            OutboxPending = figures.OutboxPending,
            Workers = figures.Workers,
            Parked = figures.Gates,
            Backend = queries.Backend,
        };
    }

    private async Task<JobView> ViewAsync(JobRecord record, ProgressQuery? progress, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var view = JobViews.Of(record, now);
        if (view is { Status: JobStatus.Queued, NotBefore: null, WaitsForTurn: false })
        {
            var place = await queries.FindPlaceAsync(record, now, cancellationToken);
            view = place.GatedUntil is { } opens ? view with { NotBefore = opens } : view with { QueuePosition = 1 + place.Ahead, HeldBy = place.HeldBy };
        }

        if (progress is not { } query)
        {
            return view;
        }

        if (record.Job.Content != JobContent.Kept)
        {
            // The numbers of events that retention removed: whoever reads on is at their end.
            query = query with { AfterSeq = record.HighWaterSeq };
        }

        var events = query.Limit > 0 && query.AfterSeq < record.HighWaterSeq
            ? await queries.ReadEventsAsync(record.Job.CorrelationId, query, cancellationToken)
            : [];
        return view with { Progress = JobViews.Progress(record, query.AfterSeq, events, isDelayed: view.NotBefore is not null) };
    }

    private async Task ChangeOrTimeAsync(Task changed, TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            await changed.WaitAsync(wait, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Time to look again: a wake-up may have been lost.
        }
    }
}

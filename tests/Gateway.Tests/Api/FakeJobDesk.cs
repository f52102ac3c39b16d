using System.Collections.Concurrent;
using System.Text.Json;
using Gateway.Api.Mcp.Tools;
using Gateway.Api.Policies;
using Gateway.Contracts.Values;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Output;
using Gateway.Jobs.Reading;
using Gateway.Jobs.Sessions;
using Gateway.Policies.Evaluation;
using Gateway.Tests.Support;
using Microsoft.Extensions.Options;

namespace Gateway.Tests.Api;

/// <summary>A store in memory behind the edge: enough to see what the edge asks and answers.</summary>
internal sealed class FakeJobDesk : IJobDesk
{
    private readonly ConcurrentDictionary<Guid, Entry> jobs = new();

    public FakeOutput Bytes { get; } = new();

    public IOutputStore Output => Bytes;

    public FakeSessionStore Conversations { get; } = new();

    public ISessionStore Sessions => Conversations;

    public AuditOptions AuditOptions { get; } = new();

    public CallAudit Audit => field ??= new(TestAuditKeys.Of("k1"), Options.Create(AuditOptions));

    public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

    /// <summary>Thrown by every call, when set.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Answered by the next submit in place of a job.</summary>
    public SubmitOutcome? NextOutcome { get; set; }

    public JobFilter? LastFilter { get; private set; }

    public JobCursor? NextCursor { get; set; }

    public IReadOnlyCollection<RunRequest> Submitted => [.. jobs.Values.OrderBy(e => e.Order).Select(e => e.Request)];

    public RunRequest LastSubmitted => Submitted.Last();

    public Guid LastId => jobs.MaxBy(e => e.Value.Order).Key;

    /// <summary>By which waits run out.</summary>
    public TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <summary>Set when somebody waits.</summary>
    public TaskCompletionSource Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Woken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Guid Add(Caller caller, string status, Action<Entry>? change = null)
    {
        var id = JobIdText.NewId();
        var request = NewRequest();
        var entry = new Entry(caller, request, NewView(id, request) with { Status = status, Attempt = 1 }, jobs.Count);
        change?.Invoke(entry);
        jobs[id] = entry;
        return id;
    }

    private static RunRequest NewRequest() => new()
    {
        Tool = "claude_request_async",
        Cli = "claude",
        Prompt = "do it",
        Agent = new AgentRequest { Json = "{}" },
        ArgumentsJson = """{"model":"opus"}""",
        Writes = false,
        Timeout = TimeSpan.FromHours(1),
        IdleTimeout = TimeSpan.FromMinutes(10),
        MaxAttempts = 3,
        CorrelationId = "c",
    };

    /// <summary>The terms of every submit and of every call that made no job.</summary>
    public List<AdmissionTerms> Terms { get; } = [];

    /// <summary>Records of calls that were refused before anything could be counted.</summary>
    public List<AuditRecord> Records { get; } = [];

    public Task<Refusal?> CountAsync(Caller caller, AdmissionTerms terms, string tool, JsonElement arguments, CancellationToken cancellationToken)
    {
        Terms.Add(terms);
        return Task.FromResult(terms.Judgement?.Refusal);
    }

    public Task<PendingApproval?> FindApprovalAsync(Caller caller, JobView job, CancellationToken cancellationToken) => Task.FromResult<PendingApproval?>(null);

    public Task<(IReadOnlyList<ApprovalRecord> Page, JobCursor? Next)> ListApprovalsAsync(ApprovalFilter filter, CancellationToken cancellationToken)
    {
        Throw();
        return Task.FromResult<(IReadOnlyList<ApprovalRecord>, JobCursor?)>(([], NextCursor));
    }

    public Task<DecisionOutcome> DecideAsync(Decider decider, Guid approvalId, bool approve, string? comment, CancellationToken cancellationToken)
    {
        Throw();
        return Task.FromResult<DecisionOutcome>(new DecisionOutcome.Unknown());
    }

    public Task RecordAsync(AuditRecord record, CancellationToken cancellationToken)
    {
        Throw();
        Records.Add(record);
        return Task.CompletedTask;
    }

    public Task<SubmitOutcome> SubmitAsync(Caller caller, RunRequest request, AdmissionTerms terms, CancellationToken cancellationToken)
    {
        Throw();
        Terms.Add(terms);
        if (terms.Judgement?.Refusal is { } refusal)
        {
            return Task.FromResult<SubmitOutcome>(new SubmitOutcome.Refused(refusal));
        }

        if (NextOutcome is not null)
        {
            return Task.FromResult(NextOutcome);
        }

        if (request.Conversation.Resumes is { } session && !Conversations.Has(caller, session))
        {
            return Task.FromResult<SubmitOutcome>(new SubmitOutcome.SessionGone(session));
        }

        var id = JobIdText.NewId();
        var job = NewView(id, request);
        jobs[id] = new Entry(caller, request, job, jobs.Count);
        return Task.FromResult<SubmitOutcome>(new SubmitOutcome.Accepted(job));
    }

    public Task<CancelOutcome?> CancelAsync(Caller caller, Guid jobId, string? reason, CancellationToken cancellationToken)
    {
        Throw();
        var entry = Own(caller, jobId);
        if (entry is null)
        {
            return Task.FromResult<CancelOutcome?>(null);
        }

        var accepted = entry.View.Status is not (JobStatus.Completed or JobStatus.Failed);
        entry.View = accepted ? entry.View with { Status = JobStatus.Canceled } : entry.View;
        return Task.FromResult<CancelOutcome?>(new CancelOutcome(accepted, entry.View));
    }

    public Task<JobView?> FindAsync(Caller caller, Guid jobId, ProgressQuery? progress, CancellationToken cancellationToken)
    {
        Throw();
        return Task.FromResult(Own(caller, jobId)?.View);
    }

    public Task<IReadOnlyList<Guid>> FindByNameAsync(Caller caller, string correlationId, int most, CancellationToken cancellationToken)
    {
        Throw();
        return Task.FromResult<IReadOnlyList<Guid>>(
            [.. jobs.Where(e => e.Value.Owner == caller && e.Value.Request.CorrelationId == correlationId).OrderByDescending(e => e.Value.Order).Take(most).Select(e => e.Key)]);
    }

    public async Task<JobView?> WaitAsync(Caller caller, Guid jobId, ProgressQuery progress, bool untilFinal, TimeSpan wait, CancellationToken cancellationToken)
    {
        Throw();
        var over = Task.Delay(wait, Clock, cancellationToken);
        Waiting.TrySetResult();
        await Task.WhenAny(Woken.Task, over).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return Own(caller, jobId)?.View;
    }

    public Task<JobPage> ListAsync(Caller caller, JobFilter filter, CancellationToken cancellationToken)
    {
        Throw();
        LastFilter = filter;
        return Task.FromResult(new JobPage([.. jobs.Values.Where(e => e.Owner == caller).Select(e => e.View)], NextCursor));
    }

    public Task<OutputSnapshot?> FindOutputAsync(Caller caller, Guid jobId, int? attempt, CancellationToken cancellationToken)
    {
        Throw();
        var entry = Own(caller, jobId);
        if (entry is null || attempt > entry.View.Attempt)
        {
            return Task.FromResult<OutputSnapshot?>(null);
        }

        var wanted = attempt ?? entry.View.Attempt;
        return Task.FromResult<OutputSnapshot?>(new OutputSnapshot
        {
            Job = entry.View,
            Attempt = wanted,
            LengthBytes = Bytes.Streams.Where(s => s.Key.JobId == jobId && s.Key.Attempt == wanted).ToDictionary(s => s.Key.Stream, s => (long)s.Value.Length),
            Ended = JobStatus.IsFinal(entry.View.Status),
            HasAnswer = Bytes.Streams.ContainsKey((jobId, wanted, OutputStream.Answer)),
            AnswerIsError = false,
            StructuredOutputJson = entry.StructuredOutputJson,
            Warnings = entry.Warnings,
            Worktree = entry.Worktree,
        });
    }

    public Task<StoredRequest?> FindRequestAsync(Caller caller, Guid jobId, CancellationToken cancellationToken)
    {
        Throw();
        return Task.FromResult(Own(caller, jobId) is { } entry
            ? new StoredRequest(entry.Request.Tool, entry.Request.ArgumentsJson, entry.IsGone ? null : entry.Request.Prompt, entry.View.Status, entry.View.SessionId)
            : null);
    }

    public List<SeenCli> Clis { get; } = [];

    public Task<IReadOnlyList<SeenCli>> ReadClisAsync(CancellationToken cancellationToken)
    {
        Throw();
        return Task.FromResult<IReadOnlyList<SeenCli>>(Clis);
    }

    /// <summary>What workers saw.</summary>
    public IReadOnlyList<SeenWorkspace> Seen { get; set; } = [];

    public Task<IReadOnlyList<SeenWorkspace>> ReadWorkspacesAsync(CancellationToken cancellationToken)
    {
        Throw();
        return Task.FromResult(Seen);
    }

    public Task<HealthView> ReadHealthAsync(Caller caller, CancellationToken cancellationToken)
    {
        Throw();
        return Task.FromResult(new HealthView
        {
            RunningJobs = 1,
            QueuedJobs = 2,
            RunningByProvider = new Dictionary<string, int> { ["claude"] = 3 },
            QueuedByProvider = new Dictionary<string, int> { ["claude"] = 4 },
            MaxQueued = 10_000,
            Rejected = 5,
            DeadMessages = 0,
            OutboxPending = 6,
            Workers = [new WorkerView("w1", 8, 3, DateTimeOffset.UnixEpoch)],
            Parked = [new RestingCredential("claude", "default", DateTimeOffset.UnixEpoch.AddHours(1), DateTimeOffset.UnixEpoch.AddHours(1)), new RestingCredential("codex", "codex", DateTimeOffset.UnixEpoch.AddHours(1), null)],
            Backend = "sqlite",
        });
    }

    /// <summary>Changes a job, and wakes whoever waits.</summary>
    public void Change(Guid id, Func<JobView, JobView> change)
    {
        jobs[id].View = change(jobs[id].View);
        Woken.TrySetResult();
    }

    /// <summary>A job that waits, of nobody's request.</summary>
    public static JobView Queued(DateTimeOffset? notBefore = null) => NewView(JobIdText.NewId(), NewRequest()) with { NotBefore = notBefore };

    private static JobView NewView(Guid id, RunRequest request) => new()
    {
        Id = JobIdText.Format(id),
        Cli = request.Cli,
        Status = JobStatus.Queued,
        Attempt = 0,
        MaxAttempts = request.MaxAttempts,
        CorrelationId = request.CorrelationId,
        CreatedAt = new DateTimeOffset(2026, 11, 23, 10, 0, 0, 5, TimeSpan.FromHours(1)),
        QueuedAt = DateTimeOffset.UnixEpoch,
        SessionId = Guid.Parse("9f1c1f9e-3f5e-4b57-8f5e-0123456789ab"),
        Model = request.Agent.Model,
        Workspace = request.Workspace,
        Priority = "normal",
        Labels = request.Labels,
        StdoutBytes = 0,
        StderrBytes = 0,
        OutputTruncated = false,
        RetryOf = request.RetryOf is { } old ? JobIdText.Format(old) : null,
        Progress = new ProgressView { Phase = "queued", HighWaterSeq = 0, NextAfterSeq = 0, HasMore = false, Events = [] },
        PollAfterMs = 500,
    };

    private Entry? Own(Caller caller, Guid jobId) => jobs.GetValueOrDefault(jobId) is { } entry && entry.Owner == caller ? entry : null;

    private void Throw()
    {
        if (Fault is not null)
        {
            throw Fault;
        }
    }

    internal sealed class Entry(Caller owner, RunRequest request, JobView view, int order)
    {
        public Caller Owner => owner;

        public RunRequest Request { get; set; } = request;

        public JobView View { get; set; } = view;

        public int Order => order;

        public bool IsGone { get; set; }

        public string? StructuredOutputJson { get; set; }

        public IReadOnlyList<string> Warnings { get; set; } = [];

        public WorktreeChange? Worktree { get; set; }
    }
}

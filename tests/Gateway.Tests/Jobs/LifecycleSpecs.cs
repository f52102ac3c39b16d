using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Contracts.Workspaces;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Parking;
using Gateway.Jobs.Sessions;
using Gateway.Storage.Model;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Gateway.Tests.Jobs;

public sealed class LifecycleSpecs
{
    private static readonly Guid Mine = Guid.NewGuid();
    private static readonly Guid Other = Guid.NewGuid();

    [Fact]
    public async Task Every_message_in_every_state_has_the_expected_next_state_and_answer()
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var wrong = new List<string>();
        foreach (var row in LifecycleTable.Rows)
        {
            var job = await PutAsync(jobs, row);
            var answer = await SendAsync(jobs, row, job);
            var after = await jobs.JobAsync(job.CorrelationId);
            if (after.CurrentState != row.Next || answer != row.Answer)
            {
                wrong.Add($"{row}: was {after.CurrentState}, '{answer}'");
            }
        }

        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    [Fact]
    public void The_table_of_expectations_has_rows_for_every_state_and_message_and_the_machine_leaves_none_unhandled()
    {
        var machine = new JobLifecycle();
        var states = machine.States.Where(s => s.Name is not ("Initial" or "Final")).ToList();
        var messages = machine.Events.Select(e => e.Name).Where(name => !name.Contains('.', StringComparison.Ordinal)).Distinct().ToList();
        Assert.Equal(8, states.Count);
        Assert.Equal(15, messages.Count);
        foreach (var state in states)
        {
            var handled = machine.NextEvents(state).Select(e => e.Name).ToHashSet();
            foreach (var message in messages)
            {
                Assert.True(handled.Contains(message), $"{message} is not handled in {state.Name}");
                Assert.True(LifecycleTable.Rows.Any(r => r.State == state.Name && r.Message == message), $"no row for {message} in {state.Name}");
            }
        }
    }

    [Fact]
    public void The_drawing_in_the_readme_has_the_edges_of_the_table_and_no_others()
    {
        var real = LifecycleTable.Rows.Where(r => r.Next != r.State).Select(r => $"{r.State} --> {r.Next} : {r.Message}").ToHashSet();
        var drawn = File.ReadLines(RepositoryFiles.Path("src/Gateway.Jobs/Lifecycle/README.md"))
            .Select(line => line.Trim())
            .Where(line => line.Contains("-->", StringComparison.Ordinal) && !line.Contains("[*]", StringComparison.Ordinal))
            .ToHashSet();
        Assert.Equal(real.Order(), drawn.Order());
    }

    [Fact]
    public async Task A_message_for_an_unknown_job_is_answered_and_changes_nothing()
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var id = Guid.NewGuid();
        Assert.Equal("unknown", (await jobs.ClaimAsync(id, 1, Mine)).Denied);
        var receipt = await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Completed(id, 1, Mine, 1));
        Assert.True(receipt is { Fenced: true, JobEnded: true, OutcomeStored: true });
        var answer = await jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = id });
        Assert.False(answer.Accepted);
        Assert.Null(await jobs.DeliverAsync(EndpointNames.JobLifecycle, new RunStarted { JobId = id, Attempt = 1, WorkerId = Mine, Epoch = 1, StartedAt = DateTimeOffset.UnixEpoch }));
    }

    [Fact]
    public async Task A_receipt_names_the_attempt_that_was_reported()
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var job = NewJob("Running", 2);
        await jobs.AddAsync(job);
        var receipt = await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Completed(job.CorrelationId, 1, Mine, 5));
        Assert.Equal((1, true), (receipt.Attempt, receipt.Fenced));
    }

    [Fact]
    public async Task Figures_of_a_worker_that_no_column_holds_are_cut_and_the_outcome_is_stored()
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var id = await jobs.SubmitAsync();
        var mad = Result(0) with { Usage = new RunUsage { CostUsd = decimal.MaxValue, InputTokens = long.MaxValue, OutputTokens = -1, NumTurns = int.MaxValue } };
        await jobs.ClaimAsync(id, 1, Mine);
        await jobs.AskAsync<RunFailed, RunReceipt>(EndpointNames.JobLifecycle, Failed(id, 1, Mine, 1, again: true) with { Result = mad });
        await jobs.ClaimAsync(id, 2, Mine);
        var receipt = await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Completed(id, 2, Mine, 1) with { Result = mad });
        var job = await jobs.JobAsync(id);
        Assert.Equal((true, "Completed"), (receipt.OutcomeStored, job.CurrentState));
        Assert.Equal((RunUsage.MaxCostUsd, RunUsage.MaxTokens, 0L, RunUsage.MaxTurns), (job.CostUsd, job.InputTokens, job.OutputTokens, job.NumTurns));
        Assert.All(await jobs.ReadAsync(db => db.Attempts.Where(a => a.JobId == id).Select(a => a.CostUsd).ToListAsync()), cost => Assert.Equal(RunUsage.MaxCostUsd, cost));
    }

    [Fact]
    public async Task Usage_adds_up_over_attempts_and_the_figures_of_an_attempt_replace_the_earlier_ones()
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var id = await jobs.SubmitAsync();
        await jobs.ClaimAsync(id, 1, Mine);
        var first = Result(3) with { Usage = new RunUsage { CostUsd = 0.25m, InputTokens = 10, NumTurns = 2 } };
        await jobs.AskAsync<RunFailed, RunReceipt>(EndpointNames.JobLifecycle, Failed(id, 1, Mine, 1, again: true) with { Result = first });
        await jobs.ClaimAsync(id, 2, Mine);
        var second = Result(0) with { Usage = new RunUsage { CostUsd = 0.5m, InputTokens = 1, OutputTokens = 7, NumTurns = 1 }, Model = "opus-9" };
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Completed(id, 2, Mine, 1) with { Result = second });
        var job = await jobs.JobAsync(id);
        Assert.Equal((0.75m, 11L, 7L, 3, 0, "opus-9"), (job.CostUsd, job.InputTokens, job.OutputTokens, job.NumTurns, job.ExitCode, job.Model));
        Assert.Equal(2, job.CountedAttempts);
    }

    [Fact]
    public async Task An_interrupted_attempt_is_not_counted_gives_its_lease_back_and_is_followed_at_once_by_the_next_one()
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var id = await jobs.SubmitAsync(EmbeddedJobs.Request() with { MaxAttempts = 1 });
        Assert.Equal(1, (await jobs.NextCommandAsync()).Attempt);
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            await jobs.ClaimAsync(id, attempt, Mine);
            Assert.Equal(1, (await jobs.JobAsync(id)).CountedAttempts);

            await jobs.AskAsync<RunInterrupted, RunReceipt>(EndpointNames.JobLifecycle, Interrupted(id, attempt, Mine, 1));

            var job = await jobs.JobAsync(id);
            Assert.Equal(("Queued", attempt, 0, null, null), (job.CurrentState, job.Attempt, job.CountedAttempts, job.NotBeforeMs, job.FailureKind));
            Assert.Equal(0, await jobs.ReadAsync(db => db.Leases.CountAsync()));
            Assert.Equal(attempt + 1, (await jobs.NextCommandAsync()).Attempt);
        }

        Assert.Equal([null, null, null], await jobs.ReadAsync(db => db.Attempts.Select(a => a.FailureKind).ToListAsync()));
    }

    internal static Job NewJob(string state, int attempt, int max = 2, UsageLimitChoice onUsageLimit = UsageLimitChoice.Park, bool takesTurns = false) => new()
    {
        CorrelationId = Guid.NewGuid(),
        CurrentState = state,
        Tenant = EmbeddedJobs.Alice.Tenant,
        Grant = EmbeddedJobs.Alice.Grant,
        Cli = "claude",
        Attempt = attempt,
        CountedAttempts = attempt,
        MaxAttempts = max,
        OnUsageLimit = onUsageLimit,
        TakesTurns = takesTurns,
        // Not for the sweeper: whoever parks it says when its time has come.
        DueAtMs = state == "Parked" ? 4_000_000_000_000 : 0,
        RequestCorrelationId = "c",
        SessionId = Guid.NewGuid(),
        CreatedAtMs = 1_000,
        QueuedAtMs = 1_000,
        WorkerId = attempt > 0 ? Mine : null,
        WorkerEpoch = attempt > 0 ? 5 : 0,
        ApprovalId = Guid.NewGuid(),
        FinishedAtMs = state is "Completed" or "Failed" or "Canceled" ? 2_000 : null,
    };

    internal static RequestRow RequestOf(Job job) => new() { JobId = job.CorrelationId, Tool = "t", Prompt = "p", AgentJson = "{}", ArgumentsJson = "{}", CredentialName = "default", TimeoutMs = 1, IdleTimeoutMs = 1 };

    internal static ApprovalRow ApprovalOf(Job job, string status = ApprovalStatus.Pending) => new()
    {
        ApprovalId = job.ApprovalId!.Value,
        Tenant = job.Tenant,
        Grant = job.Grant,
        GrantLabel = "alice",
        Cli = "claude",
        Tool = "t",
        Mode = "job",
        Status = status,
        Policy = "p",
        PolicyHash = "h",
        Rule = "/tools/t/approval",
        RuleHash = "h",
        Reason = "r",
        CallHash = "c",
        JobId = job.CorrelationId,
        CreatedAtMs = 1_000,
        ExpiresAtMs = 4_000_000_000_000,
    };

    internal static PolicyFailure Refusal(string kind, string reason = "no") => new() { Kind = kind, Rule = "/tools/t/approval", Reason = reason, PolicyHash = "sha256:p" };

    internal static ApprovalVoided Voided(Guid id, Guid approvalId) => new()
    {
        JobId = id,
        ApprovalId = approvalId,
        Timeout = TimeSpan.FromMinutes(30),
        Reason = "r2",
        Rule = "/tools/t/approval",
        Policy = "p",
        PolicyHash = "h2",
        RuleHash = "h2",
    };

    internal static RunCompleted Completed(Guid id, int attempt, Guid worker, long epoch) =>
        new() { JobId = id, Attempt = attempt, WorkerId = worker, Epoch = epoch, Result = Result(0) };

    internal static RunFailed Failed(Guid id, int attempt, Guid worker, long epoch, bool again, bool limit = false) => new()
    {
        JobId = id,
        Attempt = attempt,
        WorkerId = worker,
        Epoch = epoch,
        Result = Result(1),
        Failure = new RunFailure { Kind = limit ? FailureKinds.UsageLimit : FailureKinds.ApiError, Message = "m", Retryable = true, Again = again },
    };

    internal static RunInterrupted Interrupted(Guid id, int attempt, Guid worker, long epoch) =>
        new() { JobId = id, Attempt = attempt, WorkerId = worker, Epoch = epoch, Result = Result(143) };

    internal static RunResult Result(int exitCode) => new() { EndedAt = DateTimeOffset.UnixEpoch, ExitCode = exitCode, Streams = [] };

    /// <summary>A new job in the row's state is sent the row's message.</summary>
    internal static async Task<Guid> PlayAsync(EmbeddedJobs jobs, LifecycleTable.Row row)
    {
        var job = await PutAsync(jobs, row);
        await SendAsync(jobs, row, job);
        return job.CorrelationId;
    }

    private static async Task<Job> PutAsync(EmbeddedJobs jobs, LifecycleTable.Row row)
    {
        bool Is(string kind) => row.Sender.Split(':') is [var kinds, _] && kinds.Split(' ').Contains(kind);
        var job = NewJob(row.State, Is("new") ? 0 : 1, Is("last") ? 1 : 2, Is("hasty") ? UsageLimitChoice.Fail : UsageLimitChoice.Park, Is("turn"));
        job.ParkedMs = Is("patient") ? (long)TimeSpan.FromHours(24).TotalMilliseconds : 0;
        job.StartedAtMs = Is("started") ? 1_500 : null;
        await jobs.AddAsync(job, RequestOf(job), ApprovalOf(job));
        if (Is("turn"))
        {
            await jobs.AddAsync(new TurnRow { Key = Turn(job, "its own"), JobId = job.CorrelationId }, new TurnRow { Key = Turn(job, "taken"), JobId = Other });
        }

        if (row.State is "Running" or "Canceling" && !Is("unleased"))
        {
            await jobs.AddAsync(new LeaseRow { JobId = job.CorrelationId, Attempt = 1, WorkerId = Mine, Epoch = 5, UntilMs = jobs.Clock.GetUtcNow().AddMinutes(1).ToUnixTimeMilliseconds() });
        }

        return job;
    }

    private static async Task<string> SendAsync(EmbeddedJobs jobs, LifecycleTable.Row row, Job job)
    {
        var sender = row.Sender[(row.Sender.IndexOf(':', StringComparison.Ordinal) + 1)..];
        var (attempt, worker, epoch) = sender switch
        {
            "next" => (job.Attempt + 1, Mine, 5L),
            "farther" => (job.Attempt + 2, Mine, 5L),
            "previous" or "lease of previous" => (0, Mine, 5L),
            "older" => (1, Mine, 4L),
            "newer" => (1, Mine, 6L),
            "other" or "other at taken" => (1, Other, 5L),
            _ => (1, Mine, 5L),
        };
        var id = job.CorrelationId;
        switch (row.Message)
        {
            case "RunClaimed":
                var (granted, denied) = await jobs.ClaimAsync(id, attempt, worker, epoch, Where(sender) is { } place ? Turn(job, place) : null);
                return granted is null ? $"denied {denied}" : "granted";
            case "CancellationRequested":
                var cancel = await jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = id });
                return $"{(cancel.Accepted ? "accepted" : "refused")} {cancel.Status}";
            case "RunStarted":
                var problem = await jobs.DeliverAsync(EndpointNames.JobLifecycle, new RunStarted { JobId = id, Attempt = attempt, WorkerId = worker, Epoch = epoch, StartedAt = DateTimeOffset.UnixEpoch });
                return problem?.Message ?? "";
            case "RunCompleted":
                return Text(await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Completed(id, attempt, worker, epoch)));
            case "RunFailed":
                return Text(await jobs.AskAsync<RunFailed, RunReceipt>(EndpointNames.JobLifecycle, Failed(id, attempt, worker, epoch, sender == "again", sender == "limit")));
            case "RunCanceled":
                return Text(await jobs.AskAsync<RunCanceled, RunReceipt>(EndpointNames.JobLifecycle, new RunCanceled { JobId = id, Attempt = attempt, WorkerId = worker, Epoch = epoch, Result = Result(143) }));
            case "RunInterrupted":
                return Text(await jobs.AskAsync<RunInterrupted, RunReceipt>(EndpointNames.JobLifecycle, Interrupted(id, attempt, worker, epoch)));
            case "AttemptLost":
                var byLease = sender.StartsWith("lease", StringComparison.Ordinal);
                return Text(await jobs.AskAsync<AttemptLost, RunReceipt>(
                    EndpointNames.JobLifecycle,
                    new AttemptLost { JobId = id, Attempt = attempt, WorkerId = byLease ? null : worker, Epoch = byLease ? null : epoch, Cause = byLease ? "lease" : "runner" }));
            case "ApprovalGiven":
                return await TellAsync(jobs, new ApprovalGiven { JobId = id, ApprovalId = OnRequest(job, sender), RuleHash = "h2" });
            case "ApprovalRefused":
                return await TellAsync(jobs, new ApprovalRefused { JobId = id, ApprovalId = OnRequest(job, sender), Failure = Refusal(FailureKinds.ApprovalRejected) });
            case "ApprovalVoided":
                return await TellAsync(jobs, Voided(id, OnRequest(job, sender)));
            case "ReleaseRefused":
                return await TellAsync(jobs, new ReleaseRefused { JobId = id, Attempt = attempt, Failure = Refusal(FailureKinds.PolicyDenied) });
            case "ParkingEnded":
                return await TellAsync(jobs, new ParkingEnded { JobId = id, Attempt = attempt });
            case "QueueWaitEnded":
                return await TellAsync(jobs, new QueueWaitEnded { JobId = id, Attempt = attempt });
            case "UsageLimitMet":
                return await TellAsync(jobs, new UsageLimitMet { JobId = id, Attempt = attempt, Credential = "default", RetryAfterSeconds = 60 });
            default:
                throw new InvalidOperationException(row.Message);
        }
    }

    private static string? Where(string sender) => sender.Split(" at ") is [_, var place] ? place : null;

    private static string Turn(Job job, string place) => place == "no directory" ? TurnKeys.OfSession(job.SessionId) : DirectoryTurnKey.Of("default", $"/{job.CorrelationId}/{place}");

    private static Guid OnRequest(Job job, string sender) => sender == "asked" ? job.ApprovalId!.Value : Guid.NewGuid();

    private static async Task<string> TellAsync<T>(EmbeddedJobs jobs, T message)
        where T : class => (await jobs.DeliverAsync(EndpointNames.JobLifecycle, message))?.Message ?? "";

    private static string Text(RunReceipt receipt) => receipt.Fenced ? "fenced" : receipt.OutcomeStored ? "stored" + (receipt.JobEnded ? " ended" : "") : "not stored";
}

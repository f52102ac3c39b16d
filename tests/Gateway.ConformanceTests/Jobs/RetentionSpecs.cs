using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.ConformanceTests.Support;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Output;
using Gateway.Jobs.Reading;
using Gateway.Jobs.Retention;
using Gateway.SagaPersistence.Outbox;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.ConformanceTests.Jobs;

public sealed class RetentionSpecsOnSqlite() : RetentionSpecs(Databases.Sqlite);

public sealed class RetentionSpecsOnPostgreSql() : RetentionSpecs(Databases.PostgreSql);

public abstract class RetentionSpecs
{
    private static readonly Guid Worker = Guid.NewGuid();

    // The host's own sweeper sleeps through the test: what is seen is what the test has asked for.
    private static readonly (string, string)[] Quiet = [("Retention:SweepInterval", "1.00:00:00")];
    private readonly FakeTimeProvider inner = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    // Months pass at once: with the timers of the host they would be millions of ticks.
    private readonly JumpingClock clock;

    private readonly Databases databases;

    protected RetentionSpecs(Databases databases) => (this.databases, clock) = (databases, new JumpingClock(inner));

    [Fact]
    public async Task What_a_job_brought_goes_after_its_time_and_its_end_is_still_told()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        var id = await EndedAsync(jobs, key: "k");
        var before = await ViewAsync(jobs, id);

        await PassAsync(jobs, TimeSpan.FromDays(30));
        Assert.Equal(JobContent.Kept, (await jobs.JobAsync(id)).Content);
        Assert.False((await OutputAsync(jobs, id))!.IsGone);
        await PassAsync(jobs, TimeSpan.FromSeconds(1));

        Assert.Equal((0, 0, 0), await jobs.ReadAsync(async db => (await db.Chunks.CountAsync(), await db.Events.CountAsync(), await db.Requests.CountAsync())));
        var job = await jobs.JobAsync(id);
        Assert.Equal(("Completed", JobContent.Gone, ""), (job.CurrentState, job.Content, job.PromptPreview));
        Assert.Null(await jobs.ReadAsync(db => db.Attempts.Select(a => a.StructuredOutputJson).SingleAsync()));
        Assert.Equal("", await jobs.ReadAsync(db => db.Progress.Select(p => p.Message).SingleAsync()));
        Assert.True((await OutputAsync(jobs, id))!.IsGone);
        Assert.Equal((null, JobStatus.Completed), await RequestAsync(jobs, id));
        var after = await ViewAsync(jobs, id);
        Assert.Equal((before.Status, before.FinishedAt, before.CostUsd, before.StdoutBytes), (after.Status, after.FinishedAt, after.CostUsd, after.StdoutBytes));
        Assert.Null(Assert.Single((await jobs.Reader.ListAsync(EmbeddedJobs.Alice, new JobFilter { Limit = 5 }, CancellationToken.None)).Jobs).PromptPreview);
    }

    [Fact]
    public async Task Whoever_reads_events_on_that_are_gone_is_at_their_end()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        var id = await EndedAsync(jobs);
        var all = (await ViewAsync(jobs, id)).Progress!;
        Assert.NotEmpty(all.Events);
        await PassAsync(jobs, TimeSpan.FromDays(31));
        var gone = (await ViewAsync(jobs, id)).Progress!;
        Assert.Empty(gone.Events);
        Assert.Equal((false, all.HighWaterSeq, all.HighWaterSeq), (gone.HasMore, gone.NextAfterSeq, gone.HighWaterSeq));
    }

    [Fact]
    public async Task A_job_is_forgotten_later_and_with_it_all_its_rows()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        var id = await EndedAsync(jobs, key: "k");
        await PassAsync(jobs, TimeSpan.FromDays(90));
        Assert.NotNull(await FindAsync(jobs, id));
        await PassAsync(jobs, TimeSpan.FromSeconds(1));
        Assert.Null(await FindAsync(jobs, id));
        Assert.Equal((0, 0, 0, 0, 0, 0), await jobs.ReadAsync(async db => (
            await db.Jobs.CountAsync(), await db.Attempts.CountAsync(), await db.Outputs.CountAsync(), await db.Progress.CountAsync(), await db.Leases.CountAsync(), await db.IdempotencyKeys.CountAsync())));
    }

    [Fact]
    public async Task The_request_of_a_job_loses_its_prompt_with_the_job_and_goes_with_it_and_one_of_a_repeat_goes_after_its_expiry()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        var (now, repeat, open) = (clock.GetUtcNow(), Guid.NewGuid(), Guid.NewGuid());
        var held = await HeldJobs.PutAsync(jobs, now.AddHours(1));
        await jobs.AddAsync(HeldJobs.RowOf(repeat, "acme", "alice", now, now.AddDays(1)), HeldJobs.RowOf(open, "acme", "alice", now, now.AddDays(200)));
        await jobs.ReadAsync(db => db.Approvals.ExecuteUpdateAsync(set => set.SetProperty(a => a.PromptPreview, "say hello")));
        await jobs.Get<ApprovalDesk>().DecideAsync(Decider.Operator(1), held.ApprovalId!.Value, approve: false, "no", CancellationToken.None);
        await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(held.CorrelationId)).FinishedAtMs is not null, "the job waits on");

        await PassAsync(jobs, TimeSpan.FromDays(30));
        Assert.Equal(["say hello", "say hello", "say hello"], await jobs.ReadAsync(db => db.Approvals.Select(a => a.PromptPreview).ToListAsync()));
        await PassAsync(jobs, TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));
        Assert.Equal(new (Guid, string?)[] { (held.ApprovalId.Value, null), (open, "say hello") }.Order(), (await LeftAsync(jobs)).Order());
        await PassAsync(jobs, TimeSpan.FromDays(60));
        Assert.Equal([(open, "say hello")], await LeftAsync(jobs));
    }

    [Fact]
    public async Task Nothing_of_a_job_that_has_not_ended_is_touched_however_old_it_is()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        var queued = await jobs.SubmitAsync(EmbeddedJobs.Request(key: "queued"));
        var again = await RunningAsync(jobs, "again");
        Assert.Null(await jobs.DeliverAsync(EndpointNames.JobLifecycle, new AttemptLost { JobId = again, Attempt = 1, Cause = "lease" }));
        var running = await RunningAsync(jobs, "running");
        var canceling = await RunningAsync(jobs, "canceling");
        await jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = canceling });
        var ended = await EndedAsync(jobs, key: "ended");
        var before = await RowsAsync(jobs, ended);
        Assert.Equal(4, before.Jobs);
        Assert.Equal(["Canceling", "Queued", "Queued", "Running"], await StatesAsync(jobs, queued, again, running, canceling));

        // Past every limit at once, in the sweep of a process that has been away.
        await jobs.Get<IRetentionStore>().PurgeKeysAsync(clock.GetUtcNow().AddYears(5), 1_000, CancellationToken.None);
        await jobs.Get<IRetentionStore>().PurgeContentAsync(clock.GetUtcNow().AddYears(5), 1_000, CancellationToken.None);
        await jobs.Get<IRetentionStore>().PurgeJobsAsync(clock.GetUtcNow().AddYears(5), 1_000, CancellationToken.None);

        Assert.Null(await FindAsync(jobs, ended));
        Assert.Equal(before, await RowsAsync(jobs, ended));
        Assert.NotNull((await jobs.ClaimAsync(queued, 1, Worker)).Granted);
    }

    [Fact]
    public async Task A_key_lives_for_its_time_and_for_as_long_as_its_job_has_not_ended()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        var ended = await EndedAsync(jobs, key: "ended");
        var running = await RunningAsync(jobs, "running");
        await PassAsync(jobs, TimeSpan.FromHours(23));
        Assert.Equal(ended, await jobs.SubmitAsync(EmbeddedJobs.Request(key: "ended")));
        await PassAsync(jobs, TimeSpan.FromHours(1));
        Assert.Equal(running, await jobs.SubmitAsync(EmbeddedJobs.Request(key: "running")));
        Assert.NotEqual(ended, await jobs.SubmitAsync(EmbeddedJobs.Request(key: "ended")));
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Reports.Completed(running, 1, Worker));
        await PassAsync(jobs, TimeSpan.Zero);
        Assert.NotEqual(running, await jobs.SubmitAsync(EmbeddedJobs.Request(key: "running")));
    }

    [Fact]
    public async Task A_job_that_a_key_still_names_is_not_forgotten()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store, ("Retention:Content", "00:01:00"), ("Retention:Jobs", "00:01:00"));
        var id = await EndedAsync(jobs, key: "k");
        await PassAsync(jobs, TimeSpan.FromMinutes(2));
        Assert.Equal(JobContent.Gone, (await jobs.JobAsync(id)).Content);
        Assert.Equal(id, await jobs.SubmitAsync(EmbeddedJobs.Request(key: "k")));
        await PassAsync(jobs, TimeSpan.FromHours(24));
        Assert.Null(await FindAsync(jobs, id));
    }

    [Fact]
    public async Task Dead_messages_go_after_their_time_and_those_that_live_stay()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        await jobs.SubmitAsync();
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        await jobs.AddAsync(Dead(now), Dead(now + 60_000));
        await PassAsync(jobs, TimeSpan.FromDays(30) + TimeSpan.FromSeconds(1));
        Assert.Equal([null, "Nobody took it."], await jobs.ReadAsync(db => db.Set<OutboxRow>().OrderBy(r => r.Seq).Select(r => r.DeadReason).ToListAsync()));
    }

    [Fact]
    public async Task Much_output_goes_in_small_pieces_and_none_of_it_is_shown_from_the_first_on()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        var id = await EndedAsync(jobs, pieces: 150);
        var retention = jobs.Get<IRetentionStore>();
        var before = clock.GetUtcNow().AddDays(1);

        Assert.Equal(new PurgedBatch(0, More: true), await retention.PurgeContentAsync(before, 20, CancellationToken.None));
        Assert.Equal(86, await jobs.ReadAsync(db => db.Chunks.CountAsync()));
        Assert.Equal(JobContent.Leaving, (await jobs.JobAsync(id)).Content);
        Assert.True((await OutputAsync(jobs, id))!.IsGone);
        Assert.Equal((null, JobStatus.Completed), await RequestAsync(jobs, id));

        Assert.Equal(new PurgedBatch(0, More: true), await retention.PurgeContentAsync(before, 20, CancellationToken.None));
        Assert.Equal(new PurgedBatch(1, More: false), await retention.PurgeContentAsync(before, 20, CancellationToken.None));
        Assert.Equal(0, await jobs.ReadAsync(db => db.Chunks.CountAsync()));
        Assert.Equal(JobContent.Gone, (await jobs.JobAsync(id)).Content);
    }

    [Fact]
    public async Task Two_sweepers_at_once_remove_each_thing_once_and_fail_at_nothing()
    {
        using var store = databases.NewStore();
        await using var two = await TwoProcesses.StartAsync(databases, store, [.. Quiet, ("Retention:Batch", "3")]);
        var kept = await two.First.SubmitAsync();
        for (var i = 0; i < 12; i++)
        {
            await EndedAsync(two.First, pieces: 20);
        }

        var (later, none) = (two.First.Clock.GetUtcNow().AddDays(1), CancellationToken.None);
        Assert.Equal(12, (await two.AllAtOnceAsync(4, (jobs, _) => AllAsync(() => jobs.Get<IRetentionStore>().PurgeContentAsync(later, 3, none)))).Sum());
        Assert.Equal(0, await two.First.ReadAsync(db => db.Chunks.CountAsync()));
        Assert.Equal(12, (await two.AllAtOnceAsync(4, (jobs, _) => AllAsync(() => jobs.Get<IRetentionStore>().PurgeJobsAsync(later, 3, none)))).Sum());
        Assert.Equal(kept, await two.First.ReadAsync(db => db.Jobs.Select(j => j.CorrelationId).SingleAsync()));
    }

    [Fact]
    public async Task A_late_outcome_of_a_job_that_is_forgotten_changes_nothing_and_is_answered()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        var id = await EndedAsync(jobs);
        await PassAsync(jobs, TimeSpan.FromDays(31));
        Assert.True((await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Reports.Completed(id, 1, Worker))).OutcomeStored);
        Assert.True((await jobs.Get<IOutputStore>().AppendAsync(Piece(id, 0), CancellationToken.None)).Fenced);
        Assert.Equal(0, await jobs.ReadAsync(db => db.Chunks.CountAsync()));
        await PassAsync(jobs, TimeSpan.FromDays(60));
        Assert.True((await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Reports.Completed(id, 1, Worker))).OutcomeStored);
        Assert.Equal(0, await jobs.ReadAsync(db => db.Jobs.CountAsync()));
    }

    [Fact]
    public async Task The_host_sweeps_by_itself()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, clock, worker: false, settings: ("Retention:SweepInterval", "00:01:00")).StartAsync();
        var id = await EndedAsync(jobs);
        clock.Jump(TimeSpan.FromDays(31));
        inner.Advance(TimeSpan.FromMinutes(1));
        await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(id)).Content == JobContent.Gone, "nobody swept");
    }

    [Fact]
    public async Task Wrong_settings_are_named_all_at_once()
    {
        using var store = new TestFolder();
        await using var jobs = new EmbeddedJobs(store, settings: [("Retention:Content", "40.00:00:00"), ("Retention:Jobs", "39.00:00:00"), ("Retention:Batch", "0")]);
        var problem = await Assert.ThrowsAsync<OptionsValidationException>(jobs.StartAsync);
        Assert.All(["Retention:Jobs (39.00:00:00)", "Retention:Content (40.00:00:00)", "Batch"], words => Assert.Contains(words, problem.Message, StringComparison.Ordinal));
    }

    private static OutboxRow Dead(long dueMs) => new()
    {
        MessageId = Guid.NewGuid(),
        DueMs = dueMs,
        LockedUntilMs = OutboxRow.LockedForProcess,
        Destination = "queue:nowhere",
        ContentType = "application/json",
        MessageType = "urn:message:none",
        Body = "{}",
        DeadReason = "Nobody took it.",
    };

    private static RunOutput Piece(Guid id, int number) => new()
    {
        JobId = id,
        Attempt = 1,
        WorkerId = Worker,
        Epoch = 1,
        Stream = OutputStream.Stdout,
        Offset = number,
        Bytes = [(byte)number],
        Events = [new AgentEvent { At = DateTimeOffset.UnixEpoch.AddYears(56), Phase = "tool", Kind = "tool", Message = $"Step {number}", Source = "cli", EndOffset = number + 1 }],
    };

    private static async Task<int> AllAsync(Func<Task<PurgedBatch>> purge)
    {
        var count = 0;
        PurgedBatch batch;
        do
        {
            batch = await purge();
            count += batch.Count;
        }
        while (batch.More);
        return count;
    }

    private static async Task<Guid> RunningAsync(EmbeddedJobs jobs, string? key, int pieces = 1)
    {
        var id = await jobs.SubmitAsync(EmbeddedJobs.Request(key: key));
        Assert.NotNull((await jobs.ClaimAsync(id, 1, Worker)).Granted);
        for (var i = 0; i < pieces; i++)
        {
            Assert.False((await jobs.Get<IOutputStore>().AppendAsync(Piece(id, i), CancellationToken.None)).Fenced);
        }

        return id;
    }

    private static async Task<Guid> EndedAsync(EmbeddedJobs jobs, string? key = null, int pieces = 1)
    {
        var id = await RunningAsync(jobs, key, pieces);
        var completed = Reports.Completed(id, 1, Worker);
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, completed with { Result = completed.Result with { StructuredOutputJson = """{"secret":1}""" } });
        Assert.Equal("Completed", (await jobs.JobAsync(id)).CurrentState);
        return id;
    }

    private static Task<JobView?> FindAsync(EmbeddedJobs jobs, Guid id) => jobs.Reader.FindAsync(EmbeddedJobs.Alice, id, new ProgressQuery(0, 100), CancellationToken.None);

    private static async Task<JobView> ViewAsync(EmbeddedJobs jobs, Guid id) => await FindAsync(jobs, id) ?? throw new InvalidOperationException("The job is not there.");

    private static Task<OutputSnapshot?> OutputAsync(EmbeddedJobs jobs, Guid id) => jobs.Reader.FindOutputAsync(EmbeddedJobs.Alice, id, null, CancellationToken.None);

    private static async Task<(string? Prompt, string Status)> RequestAsync(EmbeddedJobs jobs, Guid id)
    {
        var request = await jobs.Reader.FindRequestAsync(EmbeddedJobs.Alice, id, CancellationToken.None);
        return (request!.Prompt, request.Status);
    }

    private static async Task<List<string>> StatesAsync(EmbeddedJobs jobs, params Guid[] ids) =>
        await jobs.ReadAsync(db => db.Jobs.Where(j => ids.Contains(j.CorrelationId)).OrderBy(j => j.CurrentState).Select(j => j.CurrentState).ToListAsync());

    private static Task<Rows> RowsAsync(EmbeddedJobs jobs, Guid but) => jobs.ReadAsync(async db => new Rows(
        await db.Jobs.CountAsync(j => j.CorrelationId != but && j.Content == JobContent.Kept && j.PromptPreview != ""),
        await db.Requests.CountAsync(r => r.JobId != but),
        await db.IdempotencyKeys.CountAsync(k => k.JobId != but),
        await db.Leases.CountAsync(),
        await db.Chunks.CountAsync(c => c.JobId != but),
        await db.Outputs.CountAsync(o => o.JobId != but),
        await db.Events.CountAsync(e => e.JobId != but),
        await db.Progress.CountAsync(p => p.JobId != but && p.Message != ""),
        await db.Attempts.CountAsync(a => a.JobId != but)));

    private Task<EmbeddedJobs> StartAsync(ITestStore store, params (string, string)[] settings) =>
        new EmbeddedJobs(store, clock, worker: false, settings: [.. Quiet, .. settings]).StartAsync();

    private static async Task<List<(Guid Id, string? PromptPreview)>> LeftAsync(EmbeddedJobs jobs) =>
        [.. (await jobs.ReadAsync(db => db.Approvals.Select(a => new { a.ApprovalId, a.PromptPreview }).ToListAsync())).Select(a => (a.ApprovalId, a.PromptPreview))];

    private Task PassAsync(EmbeddedJobs jobs, TimeSpan time)
    {
        clock.Jump(time);
        return jobs.Get<RetentionSweeper>().SweepAsync(CancellationToken.None);
    }

    private sealed record Rows(int Jobs, int Requests, int Keys, int Leases, int Chunks, int Outputs, int Events, int Heads, int Attempts);
}

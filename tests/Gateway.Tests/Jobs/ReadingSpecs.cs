using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs;
using Gateway.Jobs.Reading;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Jobs;

public sealed class ReadingSpecs
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Worker = Guid.NewGuid();
    private readonly FakeTimeProvider clock = new(Noon);

    [Fact]
    public async Task A_job_is_shown_member_by_member_through_its_life()
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder, clock).StartAsync();
        var id = await jobs.SubmitAsync(EmbeddedJobs.Request(key: "k", labels: "team:a") with { MaxAttempts = 2 });
        var queued = await FindAsync(jobs, id);
        Assert.Equal((JobIdText.Format(id), "claude", "queued", 0, 2), (queued.Id, queued.Cli, queued.Status, queued.Attempt, queued.MaxAttempts));
        Assert.Equal((Noon, Noon, 1, "k", "opus"), (queued.CreatedAt, queued.QueuedAt, queued.QueuePosition, queued.IdempotencyKey, queued.Model));
        Assert.Equal(["team:a"], queued.Labels);
        Assert.Equal(("normal", "correlation-1", false, 500), (queued.Priority, queued.CorrelationId, queued.Deduped, queued.PollAfterMs));
        AllNull(queued, nameof(JobView.Failure), nameof(JobView.StartedAt), nameof(JobView.DurationMs), nameof(JobView.ExitCode), nameof(JobView.NotBefore), nameof(JobView.Worker), nameof(JobView.FinishedAt), nameof(JobView.CancelRequestedAt), nameof(JobView.RetryOf), nameof(JobView.CostUsd), nameof(JobView.Usage), nameof(JobView.NumTurns), nameof(JobView.PromptPreview));
        Assert.Equal(("queued", 1L, 1L, false), (queued.Progress!.Phase, queued.Progress.HighWaterSeq, queued.Progress.NextAfterSeq, queued.Progress.HasMore));

        await jobs.ClaimAsync(id, 1, Worker);
        await jobs.DeliverAsync(EndpointNames.JobLifecycle, new RunStarted { JobId = id, Attempt = 1, WorkerId = Worker, Epoch = 1, StartedAt = Noon });
        clock.Advance(TimeSpan.FromSeconds(90));
        var running = await FindAsync(jobs, id);
        Assert.Equal(("running", 1, "w1", Noon, 90_000L, 9_000), (running.Status, running.Attempt, running.Worker, running.StartedAt, running.DurationMs, running.PollAfterMs));
        AllNull(running, nameof(JobView.QueuePosition), nameof(JobView.ExitCode), nameof(JobView.FinishedAt));

        await jobs.AskAsync<RunFailed, RunReceipt>(EndpointNames.JobLifecycle, LifecycleSpecs.Failed(id, 1, Worker, 1, again: true));
        var waiting = await FindAsync(jobs, id);
        Assert.Equal(("queued", "waiting", Noon.AddSeconds(95), 1), (waiting.Status, waiting.Progress!.Phase, waiting.NotBefore, waiting.ExitCode));
        AllNull(waiting, nameof(JobView.QueuePosition), nameof(JobView.Failure));
        clock.Advance(TimeSpan.FromSeconds(6));
        // The dispatcher releases it in its own time: between the two looks of a reader the job can stand before itself.
        var due = await FindAsync(jobs, id);
        await EmbeddedJobs.EventuallyAsync(async () => (due = await FindAsync(jobs, id)).QueuePosition == 1, "at the first place");
        Assert.Equal("queued", due.Progress!.Phase);
        AllNull(due, nameof(JobView.NotBefore));

        await jobs.ClaimAsync(id, 2, Worker);
        await jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = id });
        var canceling = await FindAsync(jobs, id);
        Assert.Equal(("canceling", "canceling", clock.GetUtcNow()), (canceling.Status, canceling.Progress!.Phase, canceling.CancelRequestedAt));

        await jobs.AskAsync<RunFailed, RunReceipt>(EndpointNames.JobLifecycle, LifecycleSpecs.Failed(id, 2, Worker, 1, again: true));
        var failed = await FindAsync(jobs, id);
        Assert.Equal(("failed", "failed", FailureKinds.ApiError, true, 0), (failed.Status, failed.Progress!.Phase, failed.Failure!.Kind, failed.Failure.Retryable, failed.PollAfterMs));
        Assert.Equal(clock.GetUtcNow(), failed.FinishedAt);
        var kinds = failed.Progress.Events.Select(e => e.Kind).ToList();
        Assert.Equal("terminal", kinds[^1]);
        Assert.Equal(Enumerable.Range(1, kinds.Count).Select(n => (long)n), failed.Progress.Events.Select(e => e.Seq));
    }

    [Fact]
    public async Task A_wait_for_a_change_ends_at_the_next_event_and_one_for_the_end_at_the_end_alone()
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var id = await jobs.SubmitAsync();
        var change = jobs.Reader.WaitAsync(EmbeddedJobs.Alice, id, new ProgressQuery(1, 32), false, TimeSpan.FromSeconds(15), CancellationToken.None);
        var end = jobs.Reader.WaitAsync(EmbeddedJobs.Alice, id, new ProgressQuery(1, 32), true, TimeSpan.FromSeconds(15), CancellationToken.None);
        await jobs.ClaimAsync(id, 1, Worker);
        var changed = await change.WaitAsync(EmbeddedJobs.Patience);
        Assert.Equal(("running", 2L), (changed!.Status, Assert.Single(changed.Progress!.Events).Seq));
        Assert.False(end.IsCompleted);
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, LifecycleSpecs.Completed(id, 1, Worker, 1));
        Assert.Equal("completed", (await end.WaitAsync(EmbeddedJobs.Patience))!.Status);
    }

    [Fact]
    public async Task A_wait_ends_when_its_time_is_over_and_at_once_for_a_final_or_foreign_job()
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder, clock).StartAsync();
        var id = await jobs.SubmitAsync();
        var wait = jobs.Reader.WaitAsync(EmbeddedJobs.Alice, id, new ProgressQuery(1, 32), false, TimeSpan.FromSeconds(5), CancellationToken.None);
        for (var i = 0; i < 20 && !wait.IsCompleted; i++)
        {
            // Each look reads the file before it waits again.
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(wait, Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System));
        }

        Assert.Equal("queued", (await wait.WaitAsync(EmbeddedJobs.Patience))!.Status);
        Assert.Null(await jobs.Reader.WaitAsync(EmbeddedJobs.Bob, id, new ProgressQuery(0, 32), false, TimeSpan.FromMinutes(5), CancellationToken.None));
        await jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = id });
        var final = await jobs.Reader.WaitAsync(EmbeddedJobs.Alice, id, new ProgressQuery(99, 32), false, TimeSpan.FromMinutes(5), CancellationToken.None);
        Assert.Equal("canceled", final!.Status);
    }

    [Fact]
    public async Task Pages_of_a_list_neither_shift_nor_repeat_even_among_jobs_of_one_millisecond()
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder, clock, worker: false).StartAsync();
        var ids = new List<string>();
        for (var i = 0; i < 25; i++)
        {
            ids.Add(JobIdText.Format(await jobs.SubmitAsync()));
        }

        var seen = new List<string>();
        JobCursor? cursor = null;
        do
        {
            var page = await jobs.Reader.ListAsync(EmbeddedJobs.Alice, new JobFilter { Limit = 4, After = cursor }, CancellationToken.None);
            seen.AddRange(page.Jobs.Select(j => j.Id));
            cursor = page.Next;
            clock.Advance(TimeSpan.FromMilliseconds(1));
            await jobs.SubmitAsync();
        }
        while (cursor is not null);
        Assert.Equal(ids.Order(), seen.Order());
    }

    [Theory]
    [InlineData("100%", "a 100% match")]
    [InlineData("a_b", "has a_b inside")]
    [InlineData(@"c:\x", @"path C:\X here")]
    [InlineData("ärger", "Großer ÄRGER")]
    [InlineData("Ärger", "kein Ärger")]
    [InlineData("HELLO", "say hello")]
    public async Task Text_is_found_in_any_case_and_signs_of_patterns_mean_themselves(string text, string prompt)
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder, worker: false).StartAsync();
        var id = await jobs.SubmitAsync(EmbeddedJobs.Request(prompt));
        await jobs.SubmitAsync(EmbeddedJobs.Request("a 100 match, has aXb inside, path C:/X, Arger"));
        var page = await jobs.Reader.ListAsync(EmbeddedJobs.Alice, new JobFilter { Text = text }, CancellationToken.None);
        var found = page.Jobs.Select(j => j.Id).ToList();
        Assert.Contains(JobIdText.Format(id), found);
        Assert.Single(found);
    }

    [Fact]
    public async Task Each_filter_keeps_what_fits_and_only_the_callers_own()
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder, clock, worker: false).StartAsync();
        var first = await jobs.SubmitAsync(EmbeddedJobs.Request("one", null, "team:a", "x") with { CorrelationId = "c1" });
        clock.Advance(TimeSpan.FromSeconds(1));
        var second = await jobs.SubmitAsync(EmbeddedJobs.Request("two", null, "team:ab"));
        await jobs.SubmitAsync(EmbeddedJobs.Request("three"), EmbeddedJobs.Bob);
        await jobs.ClaimAsync(second, 1, Worker);
        var session = (await jobs.JobAsync(first)).SessionId;
        await Finds(new JobFilter(), second, first);
        await Finds(new JobFilter { Labels = ["team:a"] }, first);
        await Finds(new JobFilter { Labels = ["team:a", "x"] }, first);
        await Finds(new JobFilter { Labels = ["team"] });
        await Finds(new JobFilter { Statuses = ["running", "failed"] }, second);
        await Finds(new JobFilter { CorrelationId = "c1" }, first);
        await Finds(new JobFilter { SessionId = session }, first);
        await Finds(new JobFilter { Cli = "codex" });
        await Finds(new JobFilter { CreatedAfter = Noon, CreatedBefore = Noon.AddSeconds(1) }, first);
        await Finds(new JobFilter { CreatedAfter = Noon.AddSeconds(1) }, second);

        async Task Finds(JobFilter filter, params Guid[] expected)
        {
            var page = await jobs.Reader.ListAsync(EmbeddedJobs.Alice, filter, CancellationToken.None);
            Assert.Equal(expected.Select(JobIdText.Format), page.Jobs.Select(j => j.Id));
            Assert.All(page.Jobs, j => Assert.NotNull(j.PromptPreview));
        }
    }

    [Fact]
    public async Task The_position_in_the_queue_counts_the_due_jobs_before_it()
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder, clock, worker: false).StartAsync();
        var ids = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            // Two of each millisecond.
            ids.Add(await jobs.SubmitAsync());
            clock.Advance(TimeSpan.FromMilliseconds(i % 2));
        }

        var positions = new List<int?>();
        foreach (var id in ids)
        {
            positions.Add((await FindAsync(jobs, id)).QueuePosition);
        }

        Assert.Equal([1, 2, 3, 4, 5], positions.Order().Select(p => p ?? 0));
        Assert.Equal(5, positions[4]);
    }

    [Fact]
    public async Task Health_counts_own_jobs_and_everybodys_and_knows_the_workers()
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder, clock, worker: false).StartAsync();
        var running = await jobs.SubmitAsync();
        await jobs.SubmitAsync();
        await jobs.SubmitAsync(caller: EmbeddedJobs.Bob);
        await jobs.ClaimAsync(running, 1, Worker);
        await jobs.AskAsync<WorkerHeartbeat, HeartbeatAnswer>(EndpointNames.Heartbeat, new WorkerHeartbeat { WorkerId = Worker, Epoch = 1, WorkerName = "w1", SentAt = Noon, Slots = 4, Runs = [new RunKey(running, 1)] });
        var health = await jobs.Reader.ReadHealthAsync(EmbeddedJobs.Alice, CancellationToken.None);
        Assert.Equal((1, 1, 1, 2, 10_000, "sqlite"), (health.RunningJobs, health.QueuedJobs, health.RunningByProvider["claude"], health.QueuedByProvider["claude"], health.MaxQueued, health.Backend));
        Assert.Equal(new WorkerView("w1", 4, 1, Noon), Assert.Single(health.Workers));
    }

    [Fact]
    public async Task Waiters_are_told_after_the_commit_with_the_state_that_was_committed()
    {
        using var folder = new TestFolder();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var id = await jobs.SubmitAsync();
        using var listener = jobs.Get<JobSignals>().Listen(id);
        var woken = listener.NextAsync();
        Assert.False(woken.IsCompleted);
        await jobs.ClaimAsync(id, 1, Worker);
        await woken.WaitAsync(EmbeddedJobs.Patience);
        Assert.Equal("Running", (await jobs.JobAsync(id)).CurrentState);
    }

    private static async Task<JobView> FindAsync(EmbeddedJobs jobs, Guid id) =>
        await jobs.Reader.FindAsync(EmbeddedJobs.Alice, id, new ProgressQuery(0, 32), CancellationToken.None) ?? throw new InvalidOperationException("The job is not there.");

    private static void AllNull(JobView view, params string[] members) =>
        Assert.All(members, member => Assert.Null(typeof(JobView).GetProperty(member)!.GetValue(view)));
}

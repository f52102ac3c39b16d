using Gateway.ConformanceTests.Support;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Dispatch;
using Gateway.SagaPersistence.Outbox;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Gateway.ConformanceTests.Jobs;

public sealed class AdmissionSpecsOnSqlite() : AdmissionSpecs(Databases.Sqlite);

public sealed class AdmissionSpecsOnPostgreSql() : AdmissionSpecs(Databases.PostgreSql);

public abstract class AdmissionSpecs(Databases databases)
{
    [Fact]
    public async Task A_command_committed_before_a_kill_is_delivered_by_the_next_process_on_the_file()
    {
        using var folder = databases.NewStore();
        Guid id;
        await using (var killed = await new EmbeddedJobs(folder, worker: false).StartAsync())
        {
            id = await killed.SubmitAsync();
            Assert.Equal(1, await CountRowsAsync(killed));
        }

        await using var next = await new EmbeddedJobs(folder).StartAsync();
        var command = await next.NextCommandAsync();
        Assert.Equal((id, 1, "claude", "default"), (command.JobId, command.Attempt, command.Provider, command.Pool));
        await EmbeddedJobs.EventuallyAsync(async () => await CountRowsAsync(next) == 0, "the command's row was left");
    }

    [Fact]
    public async Task A_submit_that_ends_before_its_commit_stores_nothing()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        using var canceled = new CancellationTokenSource();
        await canceled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => jobs.Admission.SubmitAsync(EmbeddedJobs.Alice, EmbeddedJobs.Request(key: "k"), AdmissionTerms.None, canceled.Token));
        Assert.Equal((0, 0, 0, 0, 0, 0), await CountAllAsync(jobs));
    }

    [Fact]
    public async Task Row_request_key_event_and_command_are_there_when_the_answer_is()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder, worker: false).StartAsync();
        await jobs.SubmitAsync(EmbeddedJobs.Request(key: "k"));
        Assert.Equal((1, 1, 1, 1, 1, 1), await CountAllAsync(jobs));
    }

    [Fact]
    public async Task The_same_key_and_arguments_give_the_same_job_marked_as_deduped()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder, worker: false).StartAsync();
        var first = await jobs.SubmitAsync(EmbeddedJobs.Request(key: "k"));
        var again = Assert.IsType<SubmitOutcome.Accepted>(await jobs.TrySubmitAsync(EmbeddedJobs.Request(key: "k")));
        Assert.Equal((JobIdText.Format(first), true), (again.Job.Id, again.Job.Deduped));
        Assert.Equal((1, 1, 1, 1, 1, 1), await CountAllAsync(jobs));
    }

    [Fact]
    public async Task The_same_key_with_other_arguments_is_a_conflict_that_names_the_job_and_stores_nothing()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder, worker: false).StartAsync();
        var first = await jobs.SubmitAsync(EmbeddedJobs.Request(key: "k"));
        foreach (var other in new[] { EmbeddedJobs.Request("Another prompt", "k"), EmbeddedJobs.Request(key: "k") with { ArgumentsJson = "{}" }, EmbeddedJobs.Request(key: "k") with { Cli = "other" } })
        {
            var conflict = Assert.IsType<SubmitOutcome.KeyConflict>(await jobs.TrySubmitAsync(other));
            Assert.Equal(first, conflict.JobId);
        }

        Assert.Equal((1, 1, 1, 1, 1, 1), await CountAllAsync(jobs));
    }

    [Fact]
    public async Task Another_callers_equal_key_is_another_job()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder, worker: false).StartAsync();
        Assert.NotEqual(await jobs.SubmitAsync(EmbeddedJobs.Request(key: "k")), await jobs.SubmitAsync(EmbeddedJobs.Request(key: "k"), EmbeddedJobs.Bob));
    }

    [Fact]
    public async Task Concurrent_equal_submits_make_one_job()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder, worker: false).StartAsync();
        var ids = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => jobs.SubmitAsync(EmbeddedJobs.Request(key: "k")))));
        Assert.Single(ids.Distinct());
        Assert.Equal((1, 1, 1, 1, 1, 1), await CountAllAsync(jobs));
    }

    [Fact]
    public async Task A_full_queue_refuses_stores_nothing_and_counts_the_refusal()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder, worker: false, settings: ("Jobs:MaxQueued", "2")).StartAsync();
        await jobs.SubmitAsync();
        var second = await jobs.SubmitAsync(EmbeddedJobs.Request(key: "k"));
        var full = Assert.IsType<SubmitOutcome.QueueFull>(await jobs.TrySubmitAsync(EmbeddedJobs.Request(key: "new")));
        Assert.Equal(2, full.Limit);
        Assert.Equal((2, 2, 1, 2, 2, 2), await CountAllAsync(jobs));
        Assert.Equal(1, (await jobs.Reader.ReadHealthAsync(EmbeddedJobs.Alice, CancellationToken.None)).Rejected);
        Assert.Equal(second, await jobs.SubmitAsync(EmbeddedJobs.Request(key: "k")));
    }

    [Fact]
    public async Task A_job_whose_command_was_lost_gets_it_again_from_the_one_process_that_releases()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var forgotten = await jobs.SubmitAsync();
        await jobs.NextCommandAsync();
        await EmbeddedJobs.EventuallyAsync(async () => await CountRowsAsync(jobs) == 0, "the command's row was left");
        var store = jobs.Get<IDispatchStore>();
        // Beyond every term that the dispatcher of this host may hold.
        var (now, none) = (jobs.Clock.GetUtcNow().AddDays(1), CancellationToken.None);
        var unclaimed = await store.ReadUnclaimedAsync("default", now, none);
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        Assert.True(await store.HoldAsync(first, now, now.AddSeconds(5), none));
        Assert.False(await store.HoldAsync(second, now.AddSeconds(4), now.AddSeconds(9), none));
        Assert.Equal(0, await store.ReleaseAsync(second, now, unclaimed, now, none));
        Assert.Equal(1, await store.ReleaseAsync(first, now, unclaimed, now, none));
        Assert.Equal(forgotten, (await jobs.NextCommandAsync()).JobId);
        Assert.True(await store.HoldAsync(second, now.AddSeconds(5), now.AddSeconds(10), none));
        Assert.Equal(0, await store.ReleaseAsync(first, now, unclaimed, now.AddDays(1), none));
    }

    [Fact]
    public async Task Waiting_jobs_are_found_by_priority_and_tenant_the_oldest_first_and_so_many_of_each_as_are_asked_for()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder, worker: false, settings: [("Dispatch:OwnSlots", "0"), ("Dispatch:Margin", "0")]).StartAsync();
        for (var i = 0; i < 3; i++)
        {
            await jobs.SubmitAsync();
            await jobs.SubmitAsync(EmbeddedJobs.Request() with { Priority = 1 }, new Caller("bolt", "bob"));
        }

        await jobs.SubmitAsync(EmbeddedJobs.Request() with { StartAfter = jobs.Clock.GetUtcNow().AddDays(2) });
        var found = await jobs.Get<IDispatchStore>().ReadWaitingAsync("default", jobs.Clock.GetUtcNow().AddDays(1), 2, new RunningRoom(jobs.Get<CapsInForce>(), []), CancellationToken.None);

        Assert.Equal([("bolt", 1), ("bolt", 1), ("acme", 0), ("acme", 0)], found.Select(job => (job.Tenant, job.Priority)));
        Assert.All(found, job => Assert.Equal(1, job.Command.Attempt));
        Assert.Equal(found.Select(job => job.DueAtMs).Take(2).Order(), found.Select(job => job.DueAtMs).Take(2));
        Assert.Empty(await jobs.Get<IDispatchStore>().ReadWaitingAsync("other", jobs.Clock.GetUtcNow().AddDays(1), 2, new RunningRoom(jobs.Get<CapsInForce>(), []), CancellationToken.None));
    }

    [Fact]
    public async Task A_prompt_preview_never_ends_in_half_a_character()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder, worker: false).StartAsync();
        var id = await jobs.SubmitAsync(EmbeddedJobs.Request(new string('x', 199) + "😀 and more"));
        Assert.Equal(new string('x', 199), (await jobs.JobAsync(id)).PromptPreview);
    }

    private static Task<int> CountRowsAsync(EmbeddedJobs jobs) => jobs.ReadAsync(db => db.Set<OutboxRow>().CountAsync());

    private static Task<(int Jobs, int Requests, int Keys, int Heads, int Events, int Commands)> CountAllAsync(EmbeddedJobs jobs) => jobs.ReadAsync(async db =>
        (await db.Jobs.CountAsync(), await db.Requests.CountAsync(), await db.IdempotencyKeys.CountAsync(), await db.Progress.CountAsync(), await db.Events.CountAsync(), await db.Set<OutboxRow>().CountAsync()));
}

using Gateway.ConformanceTests.Support;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
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
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => jobs.Admission.SubmitAsync(EmbeddedJobs.Alice, EmbeddedJobs.Request(key: "k"), canceled.Token));
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
        var again = Assert.IsType<SubmitOutcome.Accepted>(await jobs.Admission.SubmitAsync(EmbeddedJobs.Alice, EmbeddedJobs.Request(key: "k"), CancellationToken.None));
        Assert.Equal((JobIdText.Format(first), true), (again.Job.Id, again.Job.Deduped));
        Assert.Equal((1, 1, 1, 1, 1, 1), await CountAllAsync(jobs));
    }

    [Fact]
    public async Task The_same_key_with_other_arguments_is_a_conflict_that_names_the_job_and_stores_nothing()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder, worker: false).StartAsync();
        var first = await jobs.SubmitAsync(EmbeddedJobs.Request(key: "k"));
        foreach (var other in new[] { EmbeddedJobs.Request("Another prompt", "k"), EmbeddedJobs.Request(key: "k") with { ArgumentsJson = "{}" }, EmbeddedJobs.Request(key: "k") with { Tool = "other" } })
        {
            var conflict = Assert.IsType<SubmitOutcome.KeyConflict>(await jobs.Admission.SubmitAsync(EmbeddedJobs.Alice, other, CancellationToken.None));
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
        var full = Assert.IsType<SubmitOutcome.QueueFull>(await jobs.Admission.SubmitAsync(EmbeddedJobs.Alice, EmbeddedJobs.Request(key: "new"), CancellationToken.None));
        Assert.Equal(2, full.Limit);
        Assert.Equal((2, 2, 1, 2, 2, 2), await CountAllAsync(jobs));
        Assert.Equal(1, (await jobs.Reader.ReadHealthAsync(EmbeddedJobs.Alice, CancellationToken.None)).Rejected);
        Assert.Equal(second, await jobs.SubmitAsync(EmbeddedJobs.Request(key: "k")));
    }

    [Fact]
    public async Task A_job_that_waits_without_its_command_gets_it_again_and_one_that_has_it_does_not()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var forgotten = await jobs.SubmitAsync();
        await jobs.NextCommandAsync();
        await EmbeddedJobs.EventuallyAsync(async () => await CountRowsAsync(jobs) == 0, "the command's row was left");
        var store = jobs.Get<IJobStore>();
        var future = jobs.Clock.GetUtcNow().AddMinutes(1);
        Assert.Equal(1, await store.ReleaseAgainAsync(future, Gateway.Jobs.Lifecycle.JobChanges.NextRelease, CancellationToken.None));
        Assert.Equal(forgotten, (await jobs.NextCommandAsync()).JobId);
        Assert.Equal(0, await store.ReleaseAgainAsync(jobs.Clock.GetUtcNow().AddMinutes(-1), Gateway.Jobs.Lifecycle.JobChanges.NextRelease, CancellationToken.None));

        await jobs.StopAsync();
        using var second = databases.NewStore();
        await using var idle = await new EmbeddedJobs(second, worker: false).StartAsync();
        await idle.SubmitAsync();
        Assert.Equal(0, await idle.Get<IJobStore>().ReleaseAgainAsync(future, Gateway.Jobs.Lifecycle.JobChanges.NextRelease, CancellationToken.None));
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

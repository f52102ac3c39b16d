using Gateway.ConformanceTests.Support;
using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Retention;
using Gateway.Policies.Evaluation;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.ConformanceTests.Jobs;

public sealed class EqualCallSpecsOnSqlite() : EqualCallSpecs(Databases.Sqlite);

public sealed class EqualCallSpecsOnPostgreSql() : EqualCallSpecs(Databases.PostgreSql);

/// <summary>Whoever asks for the same thing again is given the job that there is.</summary>
public abstract class EqualCallSpecs(Databases databases)
{
    private static readonly Guid Worker = Guid.NewGuid();

    [Fact]
    public async Task An_equal_call_is_given_the_job_while_it_waits_while_it_runs_and_after_it_completed()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        var first = await jobs.SubmitAsync(Equal());
        await IsGivenAsync(jobs, first);
        Assert.NotNull((await jobs.ClaimAsync(first, 1, Worker)).Granted);
        await IsGivenAsync(jobs, first);
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Reports.Completed(first, 1, Worker));
        await IsGivenAsync(jobs, first);
        Assert.Equal(1, await jobs.ReadAsync(db => db.Jobs.CountAsync()));
    }

    [Fact]
    public async Task A_job_that_failed_or_was_canceled_or_is_about_to_be_is_given_to_nobody()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        var failed = await RunningAsync(jobs);
        await jobs.AskAsync<RunFailed, RunReceipt>(EndpointNames.JobLifecycle, Reports.Failed(failed, 1, Worker, FailureKinds.CliError));
        var canceling = await RunningAsync(jobs);
        Assert.NotEqual(failed, canceling);
        await CancelAsync(jobs, canceling);
        var canceled = await jobs.SubmitAsync(Equal());
        Assert.NotEqual(canceling, canceled);
        await CancelAsync(jobs, canceled);
        Assert.DoesNotContain(await jobs.SubmitAsync(Equal()), new[] { failed, canceling, canceled });
    }

    [Fact]
    public async Task What_starts_another_run_is_another_call_and_what_is_only_said_of_it_is_not()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        var first = await jobs.SubmitAsync(Equal());
        RunRequest[] others =
        [
            Equal() with { Prompt = "Say goodbye" },
            Equal() with { Agent = new AgentRequest { Json = """{"Model":"sonnet"}""", Model = "sonnet" } },
            Equal() with { WorkingDirectory = "/srv/other" },
            Equal() with { CredentialName = "other" },
            Equal() with { Cli = AgentClis.Codex },
            Equal() with { Dedup = false },
        ];
        List<Guid> made = [];
        foreach (var other in others)
        {
            made.Add(await jobs.SubmitAsync(other));
        }

        Assert.Equal(7, made.Append(first).Distinct().Count());
        Assert.NotEqual(first, await jobs.SubmitAsync(Equal(), EmbeddedJobs.Bob));
        var said = Equal() with { Labels = ["x"], Priority = 1, CorrelationId = "c2", Timeout = TimeSpan.FromSeconds(9), IdleTimeout = TimeSpan.FromSeconds(40), MaxAttempts = 1, Tool = "claude_request", IdempotencyKey = "k", ArgumentsJson = "{}" };
        Assert.Equal(first, await jobs.SubmitAsync(said));
    }

    [Fact]
    public async Task After_the_window_the_call_makes_a_job_of_its_own_which_the_next_is_given()
    {
        using var store = databases.NewStore();
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(57));
        await using var jobs = await new EmbeddedJobs(store, clock, worker: false, settings: ("Jobs:DedupWindow", "01:00:00")).StartAsync();
        var first = await jobs.SubmitAsync(Equal());
        clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(first, await jobs.SubmitAsync(Equal()));
        clock.Advance(TimeSpan.FromMilliseconds(1));
        var second = await jobs.SubmitAsync(Equal());
        Assert.NotEqual(first, second);
        Assert.Equal(second, await jobs.SubmitAsync(Equal()));
    }

    [Fact]
    public async Task A_window_of_zero_gives_nobody_anything()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false, settings: ("Jobs:DedupWindow", "00:00:00")).StartAsync();
        Assert.NotEqual(await jobs.SubmitAsync(Equal()), await jobs.SubmitAsync(Equal()));
        Assert.Equal(0, await jobs.ReadAsync(db => db.EqualCalls.CountAsync()));
    }

    [Fact]
    public async Task Equal_calls_in_two_processes_make_one_job_also_where_an_old_one_is_replaced()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store);
        for (var round = 0; round < 3; round++)
        {
            var ids = await both.AllAtOnceAsync(12, (jobs, _) => jobs.SubmitAsync(Equal()));
            Assert.Single(ids.Distinct());
            await CancelAsync(both.First, ids[0]);
        }

        Assert.Equal((3, 1), await both.First.ReadAsync(async db => (await db.Jobs.CountAsync(), await db.EqualCalls.CountAsync())));
    }

    [Fact]
    public async Task A_call_that_is_given_a_job_is_counted_and_recorded_and_its_budget_is_not()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        var terms = Terms.Of(Terms.Limit(2), Terms.Limit(5, "spend", 86_400, amount: 4) with { IsCost = true });
        var first = await jobs.SubmitAsync(Equal(), terms: terms);
        Assert.Equal(first, await jobs.SubmitAsync(Equal(), terms: terms));
        var refused = Assert.IsType<SubmitOutcome.Refused>(await jobs.TrySubmitAsync(Equal(), terms: terms));

        Assert.Equal(RefusalKinds.RateLimited, refused.Why.Kind);
        var counters = await jobs.ReadAsync(db => db.Counters.ToDictionaryAsync(c => c.Counter, c => c.UsedMicros));
        Assert.Equal((2_000_000, 4_000_000), (counters["starts"], counters["spend"]));
        Assert.Equal(["allowed", "allowed", "denied"], await jobs.ReadAsync(db => db.Audit.OrderBy(a => a.Decision).Select(a => a.Decision).ToListAsync()));
        Assert.Equal(2, await jobs.ReadAsync(db => db.Audit.CountAsync(a => a.JobId == first)));
        Assert.Equal(1, await jobs.ReadAsync(db => db.Reservations.CountAsync()));
    }

    [Fact]
    public async Task A_call_that_is_given_a_job_asks_for_no_room_in_the_queue()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false, settings: ("Jobs:MaxQueued", "1")).StartAsync();
        var terms = Terms.Of(Terms.Queued(1));
        Assert.Equal(await jobs.SubmitAsync(Equal(), terms: terms), await jobs.SubmitAsync(Equal(), terms: terms));
    }

    [Fact]
    public async Task Its_idempotency_key_and_its_correlation_id_lead_to_the_job_that_it_was_given()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        var first = await jobs.SubmitAsync(Equal() with { CorrelationId = "one" });
        Assert.Equal(first, await jobs.SubmitAsync(Equal() with { CorrelationId = "two", IdempotencyKey = "k" }));
        Assert.Equal(first, await jobs.SubmitAsync(Equal() with { CorrelationId = "two" }));

        Assert.Equal(first, await jobs.SubmitAsync(Equal() with { Dedup = false, IdempotencyKey = "k" }));
        Assert.IsType<SubmitOutcome.KeyConflict>(await jobs.TrySubmitAsync(Equal() with { Prompt = "another", IdempotencyKey = "k" }));
        Assert.Equal([first], await jobs.Reader.FindByNameAsync(EmbeddedJobs.Alice, "two", 5, CancellationToken.None));
        Assert.Empty(await jobs.Reader.FindByNameAsync(EmbeddedJobs.Bob, "two", 5, CancellationToken.None));
        var later = await jobs.SubmitAsync(Equal() with { Prompt = "another", CorrelationId = "two" });
        Assert.Equal([later, first], await jobs.Reader.FindByNameAsync(EmbeddedJobs.Alice, "two", 5, CancellationToken.None));
        Assert.Equal([later], await jobs.Reader.FindByNameAsync(EmbeddedJobs.Alice, "two", 1, CancellationToken.None));
    }

    [Fact]
    public async Task What_is_over_is_forgotten()
    {
        using var store = databases.NewStore();
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(57));
        await using var jobs = await new EmbeddedJobs(store, clock, worker: false).StartAsync();
        await jobs.SubmitAsync(Equal());
        clock.Advance(TimeSpan.FromMinutes(30));
        var second = await jobs.SubmitAsync(Equal() with { Prompt = "later" });
        clock.Advance(TimeSpan.FromMinutes(30));

        await jobs.Get<IRetentionStore>().PurgeEqualCallsAsync(clock.GetUtcNow(), 10, CancellationToken.None);

        Assert.Equal(1, await jobs.ReadAsync(db => db.EqualCalls.CountAsync()));
        Assert.Equal(second, await jobs.SubmitAsync(Equal() with { Prompt = "later" }));
    }

    private static RunRequest Equal() => EmbeddedJobs.Request() with { Dedup = true };

    private static async Task IsGivenAsync(EmbeddedJobs jobs, Guid expected)
    {
        var given = Assert.IsType<SubmitOutcome.Accepted>(await jobs.TrySubmitAsync(Equal()));
        Assert.Equal((JobIdText.Format(expected), true), (given.Job.Id, given.Job.Deduped));
    }

    private static async Task<Guid> RunningAsync(EmbeddedJobs jobs)
    {
        var id = await jobs.SubmitAsync(Equal());
        Assert.NotNull((await jobs.ClaimAsync(id, 1, Worker)).Granted);
        return id;
    }

    private static Task<CancellationAnswer> CancelAsync(EmbeddedJobs jobs, Guid id) =>
        jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = id });
}

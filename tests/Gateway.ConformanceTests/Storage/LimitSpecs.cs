using System.Data.Common;
using Gateway.ConformanceTests.Support;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Limits;
using Gateway.SagaPersistence.Outbox;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.ConformanceTests.Storage;

public sealed class LimitSpecsOnSqlite() : LimitSpecs(Databases.Sqlite);

public sealed class LimitSpecsOnPostgreSql() : LimitSpecs(Databases.PostgreSql);

/// <summary>What a decision leaves in the store, in the transaction of the job.</summary>
public abstract class LimitSpecs(Databases databases)
{
    private static readonly (string, string)[] NothingIsReleased = [("Dispatch:OwnSlots", "0"), ("Dispatch:Margin", "0")];

    [Fact]
    public async Task Of_fifty_calls_at_one_instant_exactly_as_many_pass_as_the_limit_says()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store);
        var outcomes = await both.AllAtOnceAsync(50, (jobs, _) => jobs.TrySubmitAsync(terms: Terms.Of(Terms.Limit(10, windowSeconds: 86_400), Terms.Limit(30, "more", 86_400))));

        Assert.Equal(10, outcomes.OfType<SubmitOutcome.Accepted>().Count());
        var refusals = outcomes.OfType<SubmitOutcome.Refused>().Select(refused => refused.Why).ToList();
        Assert.Equal(40, refusals.Count);
        Assert.All(refusals, why => Assert.Equal((RefusalKinds.RateLimited, "/tools/claude_request_async/limits/starts", 10m, 0m), (why.Kind, why.Rule, why.Limit, why.Remaining)));
        Assert.Equal((10, 10, 10), await both.First.ReadAsync(async db => (await db.Jobs.CountAsync(), await db.Requests.CountAsync(), await db.Set<OutboxRow>().CountAsync())));
        Assert.Equal([("more", 10_000_000), ("starts", 10_000_000)], await CountersAsync(both.First));
        Assert.Equal([("allowed", 10), ("denied", 40)], await DecisionsAsync(both.First));
    }

    [Fact]
    public async Task A_call_counts_in_every_limit_or_in_none()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        var terms = Terms.Of(Terms.Limit(5, "a"), Terms.Limit(1, "b"), Terms.Limit(5, "c"));
        await jobs.SubmitAsync(terms: terms);
        var refused = Assert.IsType<SubmitOutcome.Refused>(await jobs.TrySubmitAsync(EmbeddedJobs.Request(key: "k"), terms: terms));
        Assert.Equal("/tools/claude_request_async/limits/b", refused.Why.Rule);
        Assert.Equal([("a", 1_000_000), ("b", 1_000_000), ("c", 1_000_000)], await CountersAsync(jobs));
        Assert.Equal(0, await jobs.ReadAsync(db => db.IdempotencyKeys.CountAsync()));
    }

    [Fact]
    public async Task A_job_that_cannot_be_written_is_not_counted_and_leaves_no_record()
    {
        using var store = databases.NewStore();
        var broken = new Breaks("INSERT INTO \"Jobs\"");
        await using var jobs = await new EmbeddedJobs(store, worker: false, configure: services => store.Intercept(services, broken)).StartAsync();
        broken.Breaking = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => jobs.TrySubmitAsync(terms: Terms.Of(Terms.Limit(5))));
        broken.Breaking = false;
        Assert.Empty(await CountersAsync(jobs));
        Assert.Empty(await DecisionsAsync(jobs));
    }

    [Fact]
    public async Task A_refusal_whose_record_cannot_be_written_is_told_as_a_store_that_is_away()
    {
        using var store = databases.NewStore();
        var broken = new Breaks("INSERT INTO \"Audit\"");
        await using var jobs = await new EmbeddedJobs(store, worker: false, configure: services => store.Intercept(services, broken)).StartAsync();
        var terms = Terms.Of(Terms.Limit(1));
        await jobs.SubmitAsync(terms: terms);
        broken.Breaking = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => jobs.TrySubmitAsync(terms: terms));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => jobs.Get<IPolicyLedger>().CountAsync(EmbeddedJobs.Alice, terms, CancellationToken.None));
    }

    [Fact]
    public async Task A_judged_call_waits_two_seconds_for_the_store_and_leaves_nothing()
    {
        using var store = databases.NewStore();
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(55));
        var slow = new Breaks("INSERT INTO \"Jobs\"");
        await using var jobs = await new EmbeddedJobs(store, clock, worker: false, configure: services => store.Intercept(services, slow)).StartAsync();
        slow.Waiting = true;
        var call = jobs.TrySubmitAsync(terms: Terms.Of(Terms.Limit(5)));
        await slow.Reached.Task.WaitAsync(EmbeddedJobs.Patience);
        clock.Advance(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => call.WaitAsync(EmbeddedJobs.Patience));
        Assert.Empty(await CountersAsync(jobs));
    }

    [Fact]
    public async Task A_raised_limit_goes_on_from_what_was_counted_and_a_lowered_one_too()
    {
        using var store = databases.NewStore();
        await using (var first = await new EmbeddedJobs(store, worker: false).StartAsync())
        {
            await first.SubmitAsync(terms: Terms.Of(Terms.Limit(2, windowSeconds: 86_400)));
            await first.SubmitAsync(terms: Terms.Of(Terms.Limit(2, windowSeconds: 86_400)));
        }

        await using var next = await new EmbeddedJobs(store, worker: false).StartAsync();
        await next.SubmitAsync(terms: Terms.Of(Terms.Limit(3, windowSeconds: 86_400)));
        var refused = Assert.IsType<SubmitOutcome.Refused>(await next.TrySubmitAsync(terms: Terms.Of(Terms.Limit(1, windowSeconds: 86_400))));
        Assert.Equal((1m, 0m), (refused.Why.Limit, refused.Why.Remaining));
        Assert.Equal([("starts", 3_000_000)], await CountersAsync(next));
    }

    [Fact]
    public async Task A_new_window_begins_at_zero_and_the_refusal_says_when()
    {
        using var store = databases.NewStore();
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(55).AddSeconds(17.5));
        await using var jobs = await new EmbeddedJobs(store, clock, worker: false).StartAsync();
        var terms = Terms.Of(Terms.Limit(1));
        await jobs.SubmitAsync(terms: terms);
        var refused = Assert.IsType<SubmitOutcome.Refused>(await jobs.TrySubmitAsync(terms: terms));
        Assert.Equal(43, refused.Why.RetryAfterSeconds);
        clock.Advance(TimeSpan.FromSeconds(42.5));
        await jobs.SubmitAsync(terms: terms);
        Assert.IsType<SubmitOutcome.Refused>(await jobs.TrySubmitAsync(terms: terms));
    }

    [Fact]
    public async Task Callers_share_what_their_scope_says_and_amounts_add_up_to_the_millionth()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        CounterLimit Of(LimitScope scope, string value) => Terms.Limit(0.3m, scope.ToString(), 86_400, scope, value, 0.1m);
        foreach (var caller in new[] { EmbeddedJobs.Alice, EmbeddedJobs.Bob, EmbeddedJobs.Alice })
        {
            await jobs.SubmitAsync(caller: caller, terms: Terms.Of(Of(LimitScope.Grant, caller.Grant), Of(LimitScope.Tenant, caller.Tenant), Of(LimitScope.Global, "")));
        }

        var full = Assert.IsType<SubmitOutcome.Refused>(await jobs.TrySubmitAsync(caller: EmbeddedJobs.Bob, terms: Terms.Of(Of(LimitScope.Grant, "bob"), Of(LimitScope.Global, ""))));
        Assert.Equal(("/tools/claude_request_async/limits/Global", (decimal?)null), (full.Why.Rule, full.Why.Remaining));
        Assert.Equal([("Global", 300_000), ("Grant", 100_000), ("Grant", 200_000), ("Tenant", 300_000)], (await CountersAsync(jobs)).Order());
    }

    [Fact]
    public async Task A_replay_is_counted_nowhere_however_many_come_at_once_and_passes_where_no_new_call_would()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store, NothingIsReleased);
        var terms = Terms.With([Terms.Limit(1, windowSeconds: 86_400)], [Terms.Queued(1)]);
        var outcomes = await both.AllAtOnceAsync(16, (jobs, _) => jobs.TrySubmitAsync(EmbeddedJobs.Request(key: "k"), terms: terms));
        Assert.Single(outcomes.Select(outcome => Assert.IsType<SubmitOutcome.Accepted>(outcome).Job.Id).Distinct());
        Assert.Equal([("starts", 1_000_000)], await CountersAsync(both.First));
        Assert.Equal([("allowed", 16)], await DecisionsAsync(both.First));
        Assert.Single(await both.First.ReadAsync(db => db.Audit.Select(a => a.JobId).Distinct().ToListAsync()));
    }

    [Fact]
    public async Task A_call_whose_process_dies_after_the_commit_is_counted_once_when_it_comes_again()
    {
        using var store = databases.NewStore();
        var terms = Terms.Of(Terms.Limit(5, windowSeconds: 86_400));
        Guid id;
        await using (var killed = await new EmbeddedJobs(store, worker: false).StartAsync())
        {
            id = await killed.SubmitAsync(EmbeddedJobs.Request(key: "k"), terms: terms);
        }

        await using var next = await new EmbeddedJobs(store, worker: false).StartAsync();
        Assert.Equal(id, await next.SubmitAsync(EmbeddedJobs.Request(key: "k"), terms: terms));
        Assert.Equal([("starts", 1_000_000)], await CountersAsync(next));
    }

    [Fact]
    public async Task No_more_jobs_wait_than_the_cap_says_however_many_come_at_once()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store, NothingIsReleased);
        var outcomes = await both.AllAtOnceAsync(20, (jobs, _) => jobs.TrySubmitAsync(terms: Terms.Of(Terms.Queued(3, LimitScope.Tenant))));
        Assert.Equal(3, outcomes.OfType<SubmitOutcome.Accepted>().Count());
        Assert.All(outcomes.OfType<SubmitOutcome.Refused>(), refused => Assert.Equal(
            (RefusalKinds.QueueFull, "/tools/claude_request_async/limits/queued-tenant", 3m, 0m, (int?)null),
            (refused.Why.Kind, refused.Why.Rule, refused.Why.Limit, refused.Why.Remaining, refused.Why.RetryAfterSeconds)));
        Assert.Equal(3, await both.First.ReadAsync(db => db.Jobs.CountAsync()));
    }

    [Fact]
    public async Task A_cap_counts_who_waits_in_its_scope_and_of_its_tool_alone()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false, settings: NothingIsReleased).StartAsync();
        await jobs.SubmitAsync();
        await jobs.SubmitAsync(EmbeddedJobs.Request() with { Tool = "other" });
        await jobs.SubmitAsync(caller: EmbeddedJobs.Bob);
        await jobs.AddAsync(Released(await jobs.JobAsync(await jobs.SubmitAsync(caller: new Caller("bolt", "x")))));
        async Task<bool> FitsAsync(JobCap cap) => await jobs.TrySubmitAsync(terms: Terms.Of(cap, Terms.Queued(1, LimitScope.Global))) is SubmitOutcome.Refused { Why.Rule: var rule } && !rule.EndsWith(cap.Scope.ToString().ToLowerInvariant(), StringComparison.Ordinal);
        Assert.Equal((true, false), (await FitsAsync(Terms.Queued(2)), await FitsAsync(Terms.Queued(1))));
        Assert.Equal((true, false), (await FitsAsync(Terms.Queued(3, tool: null)), await FitsAsync(Terms.Queued(2, tool: null))));
        Assert.Equal((true, false), (await FitsAsync(Terms.Queued(3, LimitScope.Tenant)), await FitsAsync(Terms.Queued(2, LimitScope.Tenant))));
    }

    [Fact]
    public async Task What_was_allowed_is_recorded_with_its_job_its_counters_and_no_value()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        var id = await jobs.SubmitAsync(EmbeddedJobs.Request("a secret prompt"), terms: Terms.Of(Terms.Limit(5, windowSeconds: 86_400)));
        var row = await jobs.ReadAsync(db => db.Audit.SingleAsync());
        Assert.Equal(("acme", "alice", "tools/call", "claude_request_async", "allowed", id), (row.Tenant, row.Grant, row.Method, row.Tool, row.Decision, row.JobId));
        Assert.Contains($"\"jobId\":\"{JobIdText.Format(id)}\"", row.Record, StringComparison.Ordinal);
        Assert.Contains("\"counters\":[{\"max\":5,\"rule\":\"/tools/claude_request_async/limits/starts\",\"used\":1,\"windowStart\":\"", row.Record, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", row.Record, StringComparison.Ordinal);
        var job = await jobs.JobAsync(id);
        Assert.Equal(("staff", "claude_request_async", Terms.Hash, "sha256:fedcba9876543210"), (job.GrantLabel, job.Tool, job.PolicyHash, job.RuleHash));
    }

    [Fact]
    public async Task A_tool_that_makes_no_job_is_counted_and_recorded_before_it_runs()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store);
        var refusals = await both.AllAtOnceAsync(50, (jobs, _) => jobs.Get<IPolicyLedger>().CountAsync(EmbeddedJobs.Alice, Terms.Of(Terms.Limit(10, windowSeconds: 86_400)), CancellationToken.None));
        Assert.Equal(10, refusals.Count(refusal => refusal is null));
        Assert.Equal([("starts", 10_000_000)], await CountersAsync(both.First));
        Assert.Equal([("allowed", 10), ("denied", 40)], await DecisionsAsync(both.First));
    }

    [Fact]
    public async Task A_read_without_limits_and_without_a_due_record_writes_nothing()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        Assert.Null(await jobs.Get<IPolicyLedger>().CountAsync(EmbeddedJobs.Alice, Terms.With([], []) with { Record = null }, CancellationToken.None));
        Assert.Empty(await DecisionsAsync(jobs));
        Assert.Equal((0, 0), await jobs.ReadAsync(async db => (await db.Counters.CountAsync(), await db.Gates.CountAsync())));
    }

    [Fact]
    public async Task A_count_whose_commit_has_an_unknown_end_is_not_tried_again()
    {
        using var store = databases.NewStore();
        var broken = new Breaks("");
        await using var jobs = await new EmbeddedJobs(store, worker: false, configure: services => store.Intercept(services, broken)).StartAsync();
        broken.AfterCommit = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => jobs.Get<IPolicyLedger>().CountAsync(EmbeddedJobs.Alice, Terms.Of(Terms.Limit(5)), CancellationToken.None));
        Assert.Equal([("starts", 1_000_000)], await CountersAsync(jobs));
    }

    private static Gateway.Jobs.Lifecycle.Job Released(Gateway.Jobs.Lifecycle.Job like) => new()
    {
        CorrelationId = Guid.NewGuid(),
        CurrentState = like.CurrentState,
        Tenant = EmbeddedJobs.Alice.Tenant,
        Grant = EmbeddedJobs.Alice.Grant,
        Tool = Terms.Tool,
        Cli = like.Cli,
        RequestCorrelationId = like.RequestCorrelationId,
        ReleasedAtMs = 1,
    };

    private static Task<List<(string Counter, long Micros)>> CountersAsync(EmbeddedJobs jobs) => jobs.ReadAsync(async db =>
        (await db.Counters.OrderBy(c => c.Counter).Select(c => new { c.Counter, c.UsedMicros }).ToListAsync()).ConvertAll(c => (c.Counter, c.UsedMicros)));

    private static Task<List<(string Decision, int Count)>> DecisionsAsync(EmbeddedJobs jobs) => jobs.ReadAsync(async db =>
        (await db.Audit.GroupBy(a => a.Decision).OrderBy(g => g.Key).Select(g => new { g.Key, Count = g.Count() }).ToListAsync()).ConvertAll(g => (g.Key, g.Count)));

    /// <summary>A store that fails, or does not answer, at statements that hold these words; or loses the answer of a commit.</summary>
    private sealed class Breaks(string words) : DbCommandInterceptor, IDbTransactionInterceptor
    {
        public bool Breaking { get; set; }

        public bool Waiting { get; set; }

        public bool AfterCommit { get; set; }

        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (command.CommandText.Contains(words, StringComparison.Ordinal) && Breaking)
            {
                throw new Gone("The disk is gone.");
            }

            if (command.CommandText.Contains(words, StringComparison.Ordinal) && Waiting)
            {
                Reached.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }

            return result;
        }

        public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            await ReaderExecutingAsync(command, eventData, default, cancellationToken);
            return result;
        }

        public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            if (AfterCommit)
            {
                AfterCommit = false;
                throw new Gone("The answer is lost.");
            }

            return Task.CompletedTask;
        }
    }

    private sealed class Gone(string message) : DbException(message);
}

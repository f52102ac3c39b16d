using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Parking;
using Gateway.SagaPersistence;
using Gateway.SagaPersistence.Outbox;
using Gateway.Storage.Model;
using Gateway.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Jobs;

/// <summary>Waiting jobs are given to workers: so many as they can take, and in the fair order.</summary>
public sealed class DispatchSpecs : IDisposable
{
    private static readonly Guid Worker = Guid.NewGuid();
    private static readonly Caller Carol = new("bolt", "carol");
    private readonly TestFolder folder = new();
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task No_more_commands_leave_than_there_are_free_slots_and_each_end_of_a_run_lets_the_next_go()
    {
        await using var jobs = await StartAsync(slots: 2);
        var ids = await SubmitAsync(jobs, 4);
        Assert.Equal([ids[0], ids[1]], await CommandsAsync(jobs, 2));
        Assert.Equal(2, await ReleasedAsync(jobs));

        await jobs.ClaimAsync(ids[0], 1, Worker);
        await jobs.ClaimAsync(ids[1], 1, Worker);
        await jobs.Get<Dispatcher>().LookAsync(CancellationToken.None);
        Assert.Equal(0, await ReleasedAsync(jobs));
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, LifecycleSpecs.Completed(ids[0], 1, Worker, 1));

        Assert.Equal([ids[2]], await CommandsAsync(jobs, 1));
        await jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = ids[2] });
        Assert.Equal("final", (await jobs.ClaimAsync(ids[2], 1, Worker)).Denied);
        await jobs.Get<Dispatcher>().LookAsync(CancellationToken.None);
        Assert.Equal([ids[3]], await CommandsAsync(jobs, 1));
    }

    [Fact]
    public async Task The_command_of_a_canceled_job_takes_its_slot_until_its_claim_is_denied()
    {
        await using var jobs = await StartAsync(slots: 1);
        var ids = await SubmitAsync(jobs, 2);
        await CommandsAsync(jobs, 1);
        await EmbeddedJobs.EventuallyAsync(() => jobs.ReadAsync(async db => !await db.Set<OutboxRow>().AnyAsync()), "the command is consumed");
        await jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = ids[0] });
        Assert.Equal(0, await jobs.Get<Dispatcher>().LookAsync(CancellationToken.None));
        Assert.Null((await jobs.JobAsync(ids[1])).ReleasedAtMs);

        Assert.Equal("final", (await jobs.ClaimAsync(ids[0], 1, Worker)).Denied);
        await jobs.Get<Dispatcher>().LookAsync(CancellationToken.None);

        Assert.Equal([ids[1]], await CommandsAsync(jobs, 1));
    }

    [Fact]
    public async Task Priority_goes_before_the_fair_share_and_the_fair_share_before_age()
    {
        await using var jobs = await StartAsync(slots: 1);
        var running = await jobs.SubmitAsync();
        await CommandsAsync(jobs, 1);
        await jobs.ClaimAsync(running, 1, Worker);
        Guid[] order =
        [
            await SubmitOneAsync(jobs, EmbeddedJobs.Request() with { Priority = -1 }),
            await SubmitOneAsync(jobs, EmbeddedJobs.Request()),
            await SubmitOneAsync(jobs, EmbeddedJobs.Request(), Carol),
            await SubmitOneAsync(jobs, EmbeddedJobs.Request() with { Priority = 1 }),
        ];
        Assert.Equal(1, await PositionAsync(jobs, order[3]));
        Assert.Equal(4, await PositionAsync(jobs, order[0]));

        List<Guid> went = [];
        for (var last = running; went.Count < order.Length; last = went[^1])
        {
            await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, LifecycleSpecs.Completed(last, 1, Worker, 1));
            went.AddRange(await CommandsAsync(jobs, 1));
            await jobs.ClaimAsync(went[^1], 1, Worker);
        }

        Assert.Equal([order[3], order[2], order[1], order[0]], went);
    }

    [Fact]
    public async Task A_job_that_is_to_start_later_waits_for_its_time_and_others_pass_it()
    {
        await using var jobs = await StartAsync(slots: 4);
        var later = await jobs.SubmitAsync(EmbeddedJobs.Request() with { StartAfter = clock.GetUtcNow().AddMinutes(5) });
        var now = await jobs.SubmitAsync();
        Assert.Equal([now], await CommandsAsync(jobs, 1));
        Assert.Equal(0, await jobs.Get<Dispatcher>().LookAsync(CancellationToken.None));
        // Nobody claims the first: it is sent again too, unless its command is found still under way.
        await EmbeddedJobs.EventuallyAsync(() => jobs.ReadAsync(async db => !await db.Set<OutboxRow>().AnyAsync()), "the first command is gone");

        clock.Advance(TimeSpan.FromMinutes(5));

        Assert.Contains(later, new[] { (await jobs.NextCommandAsync()).JobId, (await jobs.NextCommandAsync()).JobId });
    }

    [Theory]
    [InlineData("Dispatch:MaxRunning", 2, 0)]
    [InlineData("Quotas:Default:Running", 2, 1)]
    public async Task A_running_cap_holds_jobs_back_where_slots_are_free(string cap, int ofAcme, int ofBolt)
    {
        await using var jobs = await StartAsync(slots: 10, (cap, "2"));
        await SubmitAsync(jobs, 4);
        await EmbeddedJobs.EventuallyAsync(async () => await ReleasedAsync(jobs) == ofAcme, "the first are released");
        await jobs.SubmitAsync(caller: Carol);
        await jobs.Get<Dispatcher>().LookAsync(CancellationToken.None);
        await EmbeddedJobs.EventuallyAsync(async () => await ReleasedAsync(jobs) == ofAcme + ofBolt, "the cap alone holds back");
    }

    [Fact]
    public async Task A_command_that_was_lost_on_its_way_is_sent_again_after_a_minute_with_the_same_attempt_until_it_is_claimed()
    {
        await using var jobs = await StartAsync(slots: 4);
        var id = await jobs.SubmitAsync();
        // Whoever reads it here and claims nothing is a queue that was purged, or an error queue.
        var first = await jobs.NextCommandAsync();
        await EmbeddedJobs.EventuallyAsync(() => jobs.ReadAsync(async db => !await db.Set<OutboxRow>().AnyAsync()), "the command is gone");
        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(0, await jobs.Get<Dispatcher>().LookAsync(CancellationToken.None));

        clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(first, await jobs.NextCommandAsync());
        Assert.NotNull((await jobs.ClaimAsync(id, 1, Worker)).Granted);
        clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(0, await jobs.Get<Dispatcher>().LookAsync(CancellationToken.None));
    }

    [Fact]
    public async Task What_waits_is_found_along_an_index_and_is_not_counted_at_each_submit()
    {
        var statements = new Statements();
        await using var jobs = await new EmbeddedJobs(folder, clock, worker: false, configure: services => folder.Intercept(services, statements), settings: [("Dispatch:OwnSlots", "1"), ("Dispatch:Margin", "0")]).StartAsync();
        await SubmitAsync(jobs, 3);
        statements.Seen.Clear();

        await SubmitAsync(jobs, 50);

        // A few looks of the dispatcher, which the first jobs woke.
        Assert.InRange(statements.Seen.Count(s => s.Contains("COUNT(*)", StringComparison.Ordinal) && s.Contains("\"Jobs\"", StringComparison.Ordinal)), 0, 10);
        await jobs.Get<IDispatchStore>().ReadWaitingAsync("default", clock.GetUtcNow(), 10, new RunningRoom(jobs.Get<CapsInForce>(), []), CancellationToken.None);
        await jobs.Get<IDispatchStore>().ReadUnclaimedAsync("default", clock.GetUtcNow(), CancellationToken.None);
        await jobs.Get<IDispatchStore>().ReadLoadAsync(clock.GetUtcNow(), clock.GetUtcNow(), CancellationToken.None);
        var asked = statements.Seen.Where(s => s.Contains("FROM \"Jobs\"", StringComparison.Ordinal)).Distinct().ToList();
        Assert.True(asked.Count >= 6, string.Join("\n\n", asked));
        foreach (var statement in asked)
        {
            var plan = await jobs.ReadAsync(db => PlanAsync(db.Database.GetDbConnection(), statement));
            Assert.DoesNotContain(plan, line => line.StartsWith("SCAN", StringComparison.Ordinal) && line != "SCAN CONSTANT ROW");
        }
    }

    [Fact]
    public async Task Ten_thousand_jobs_behind_a_full_cap_are_passed_along_an_index_and_cost_no_more_questions_than_a_hundred()
    {
        var (statements, caps) = (new Statements(), new SetCaps());
        caps.Set("capped", Terms.Running(1));
        void Configure(IServiceCollection services)
        {
            folder.Intercept(services, statements);
            services.AddSingleton<IRunningCaps>(caps);
        }

        await using var jobs = await new EmbeddedJobs(folder, clock, worker: false, configure: Configure, settings: [("Dispatch:OwnSlots", "0"), ("Dispatch:Margin", "0")]).StartAsync();
        var room = new RunningRoom(jobs.Get<CapsInForce>(), [new CallerLoad("default", new StoredGrant("capped", "acme", "alice"), Terms.Tool, 1, 0, 0)]);
        await jobs.AddAsync([.. Enumerable.Range(0, 100).Select(i => Waiting("capped", "alice", i))]);
        await jobs.AddAsync(Waiting("free", "bob", 20_000), Waiting("capped", "bert", 20_001), Waiting("capped", "bert", 20_002));
        var few = await FoundAsync();
        await jobs.AddAsync([.. Enumerable.Range(100, 9_900).Select(i => Waiting("capped", "alice", i))]);

        Assert.Equal(["bob", "bert"], few.Found);
        Assert.Equal((few.Asked.Count, "bob bert"), ((await FoundAsync()) is var many ? many.Asked.Count : 0, string.Join(' ', many.Found)));
        Assert.True(many.Asked.Count(s => s.Contains("\"j\".\"Grant\" = ", StringComparison.Ordinal)) >= 2);
        foreach (var statement in many.Asked)
        {
            var plan = await jobs.ReadAsync(db => PlanAsync(db.Database.GetDbConnection(), statement));
            Assert.Contains(plan, line => line.Contains("IX_Jobs_WaitingLine", StringComparison.Ordinal));
            // From the last tool of one caller to the next caller, and not over all the jobs between.
            Assert.True(!statement.Contains("heads", StringComparison.Ordinal) || plan.Exists(line => line.Contains("Grant=? AND Tool>?", StringComparison.Ordinal)), string.Join('\n', plan));
            Assert.DoesNotContain(plan, line => line.StartsWith("SCAN j", StringComparison.Ordinal) || line.StartsWith("SCAN n", StringComparison.Ordinal) || line.Contains("Jobs", StringComparison.Ordinal) && line.StartsWith("SCAN", StringComparison.Ordinal));
        }

        async Task<(List<string> Found, List<string> Asked)> FoundAsync()
        {
            statements.Seen.Clear();
            var found = await jobs.Get<IDispatchStore>().ReadWaitingAsync("default", clock.GetUtcNow(), 10, room, CancellationToken.None);
            // Other parts of the house ask the store at the same time.
            return ([.. found.Select(job => job.Grant.Value)], [.. statements.Seen.Where(s => s.Contains("heads", StringComparison.Ordinal) || s.Contains("\"j\".\"Grant\" = ", StringComparison.Ordinal))]);
        }
    }

    [Fact]
    public async Task Ten_thousand_jobs_behind_a_closed_gate_are_passed_along_an_index_and_cost_no_more_questions_than_a_hundred()
    {
        var statements = new Statements();
        await using var jobs = await new EmbeddedJobs(folder, clock, worker: false, configure: services => folder.Intercept(services, statements), settings: [("Dispatch:OwnSlots", "0"), ("Dispatch:Margin", "0")]).StartAsync();
        await jobs.AddAsync(new CredentialGateRow { Pool = "default", Credential = "resting", Cli = "claude", ClosedUntilMs = clock.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds() });
        await jobs.AddAsync([.. Enumerable.Range(0, 100).Select(i => Waiting("free", "alice", i, "resting"))]);
        await jobs.AddAsync(Waiting("free", "bob", 20_000, "other"), Waiting("free", "alice", 20_001, "other"));
        var few = await FoundAsync();
        await jobs.AddAsync([.. Enumerable.Range(100, 9_900).Select(i => Waiting("free", "alice", i, "resting"))]);

        Assert.Equal(["bob", "alice"], few.Found);
        Assert.Equal((few.Asked.Count, "bob alice"), ((await FoundAsync()) is var many ? many.Asked.Count : 0, string.Join(' ', many.Found)));
        foreach (var statement in many.Asked)
        {
            var plan = await jobs.ReadAsync(db => PlanAsync(db.Database.GetDbConnection(), statement));
            Assert.Contains(plan, line => line.Contains("IX_Jobs_WaitingLine", StringComparison.Ordinal));
            // From one credential of a caller and a tool to the next, and not over all the jobs between.
            Assert.True(!statement.Contains("heads", StringComparison.Ordinal) || plan.Exists(line => line.Contains("Tool=? AND CredentialName>?", StringComparison.Ordinal)), string.Join('\n', plan));
        }

        async Task<(List<string> Found, List<string> Asked)> FoundAsync()
        {
            var store = jobs.Get<IDispatchStore>();
            var load = await store.ReadLoadAsync(clock.GetUtcNow(), clock.GetUtcNow(), CancellationToken.None);
            var room = new RunningRoom(jobs.Get<CapsInForce>(), load.Callers, GateRoom.Of(load.Gates, clock.GetUtcNow()));
            statements.Seen.Clear();
            var found = await store.ReadWaitingAsync("default", clock.GetUtcNow(), 10, room, CancellationToken.None);
            return ([.. found.Select(job => job.Grant.Value)], [.. statements.Seen.Where(s => s.Contains("heads", StringComparison.Ordinal) || s.Contains("\"j\".\"Grant\" = ", StringComparison.Ordinal))]);
        }
    }

    [Fact]
    public async Task Parked_jobs_and_those_that_do_not_wait_for_limits_are_found_along_indexes_of_their_own()
    {
        var statements = new Statements();
        await using var jobs = await new EmbeddedJobs(folder, clock, worker: false, configure: services => folder.Intercept(services, statements), settings: [("Dispatch:OwnSlots", "0"), ("Dispatch:Margin", "0")]).StartAsync();
        await jobs.AddAsync(new CredentialGateRow { Pool = "default", Credential = "resting", Cli = "claude", ClosedUntilMs = clock.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds() });
        statements.Seen.Clear();
        await jobs.Get<ParkingSweeper>().SweepAsync(CancellationToken.None);

        var asked = statements.Seen.Where(s => s.Contains("FROM \"Jobs\"", StringComparison.Ordinal) && (s.Contains("'Parked'", StringComparison.Ordinal) || s.Contains("OnUsageLimit", StringComparison.Ordinal))).Distinct().ToList();
        Assert.True(asked.Count >= 3, string.Join("\n\n", asked));
        foreach (var statement in asked)
        {
            var plan = await jobs.ReadAsync(db => PlanAsync(db.Database.GetDbConnection(), statement));
            Assert.True(plan.Exists(line => line.Contains("IX_Jobs_CurrentState_DueAtMs", StringComparison.Ordinal) || line.Contains("IX_Jobs_Pool_CredentialName_DueAtMs", StringComparison.Ordinal)), statement + "\n" + string.Join('\n', plan));
        }
    }

    private static Job Waiting(string label, string grant, long due, string credential = "") => new()
    {
        CorrelationId = Guid.NewGuid(),
        CurrentState = nameof(JobLifecycle.Queued),
        Tenant = "acme",
        Grant = grant,
        GrantLabel = label,
        Tool = Terms.Tool,
        Cli = "claude",
        CredentialName = credential,
        RequestCorrelationId = "c",
        MaxAttempts = 1,
        DueAtMs = due,
    };

    private static async Task<List<string>> PlanAsync(DbConnection connection, string statement)
    {
        await connection.OpenAsync();
        await using var command = (SqliteCommand)connection.CreateCommand();
#pragma warning disable CA2100 // The statement is the product's own.
        command.CommandText = "EXPLAIN QUERY PLAN " + statement;
#pragma warning restore CA2100
        foreach (var name in System.Text.RegularExpressions.Regex.Matches(statement, "@[A-Za-z0-9_]+").Select(m => m.Value).Distinct())
        {
            command.Parameters.AddWithValue(name, 1);
        }

        List<string> plan = [];
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            plan.Add(reader.GetString(3));
        }

        return plan;
    }

    private Task<EmbeddedJobs> StartAsync(int slots, params (string Key, string Value)[] settings) => new EmbeddedJobs(
        folder,
        clock,
        configure: services => services.PostConfigure<SagaPersistenceOptions>(options => options.SettleDelay = TimeSpan.Zero),
        settings: [("Dispatch:OwnSlots", slots.ToString(CultureInfo.InvariantCulture)), ("Dispatch:Margin", "0"), .. settings]).StartAsync();

    private async Task<Guid> SubmitOneAsync(EmbeddedJobs jobs, RunRequest request, Caller? caller = null)
    {
        clock.Advance(TimeSpan.FromMilliseconds(1));
        return await jobs.SubmitAsync(request, caller);
    }

    private async Task<List<Guid>> SubmitAsync(EmbeddedJobs jobs, int count)
    {
        List<Guid> ids = [];
        for (var i = 0; i < count; i++)
        {
            ids.Add(await SubmitOneAsync(jobs, EmbeddedJobs.Request()));
        }

        return ids;
    }

    private static async Task<List<Guid>> CommandsAsync(EmbeddedJobs jobs, int count)
    {
        List<Guid> ids = [];
        while (ids.Count < count)
        {
            ids.Add((await jobs.NextCommandAsync()).JobId);
        }

        return ids;
    }

    private static Task<int> ReleasedAsync(EmbeddedJobs jobs) => jobs.ReadAsync(db => db.Jobs.CountAsync(j => j.ReleasedAtMs != null));

    private static async Task<int?> PositionAsync(EmbeddedJobs jobs, Guid id) =>
        (await jobs.Reader.FindAsync(EmbeddedJobs.Alice, id, null, CancellationToken.None))?.QueuePosition;

    private sealed class Statements : DbCommandInterceptor
    {
        public ConcurrentQueue<string> Seen { get; } = new();

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            Seen.Enqueue(command.CommandText);
            return ValueTask.FromResult(result);
        }
    }
}

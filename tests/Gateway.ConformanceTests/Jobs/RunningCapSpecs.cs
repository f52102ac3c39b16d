using System.Data.Common;
using Gateway.ConformanceTests.Support;
using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Quotas;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Limits;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.ConformanceTests.Jobs;

public sealed class RunningCapSpecsOnSqlite() : RunningCapSpecs(Databases.Sqlite);

public sealed class RunningCapSpecsOnPostgreSql() : RunningCapSpecs(Databases.PostgreSql);

/// <summary>What a policy's cap on running jobs keeps back, for how long, and for whom.</summary>
public abstract class RunningCapSpecs(Databases databases)
{
    private static readonly Guid Worker = Guid.NewGuid();
    private static readonly Caller Carol = new("bolt", "carol");
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero));
    private readonly SetCaps caps = new();

    [Fact]
    public async Task Above_its_cap_a_job_waits_until_one_that_runs_has_ended()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        var ids = await SubmitAsync(jobs, 4, Terms.Running(2));
        await LookAsync(jobs);
        Assert.Equal([ids[0], ids[1]], await ReleasedAsync(jobs));

        await jobs.ClaimAsync(ids[0], 1, Worker);
        await jobs.ClaimAsync(ids[1], 1, Worker);
        Assert.Equal(0, await LookAsync(jobs));
        await jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = ids[0] });
        Assert.Equal((nameof(JobLifecycle.Canceling), 0), ((await jobs.JobAsync(ids[0])).CurrentState, await LookAsync(jobs)));

        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Reports.Completed(ids[1], 1, Worker, 1));
        await LookAsync(jobs);
        Assert.Equal([ids[2]], await ReleasedAsync(jobs));
        // A released job that is canceled never runs: it counts no longer, whether or not its command has come.
        await jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = ids[2] });
        await LookAsync(jobs);
        Assert.NotNull((await jobs.JobAsync(ids[3])).ReleasedAtMs);
    }

    [Fact]
    public async Task A_job_between_two_attempts_does_not_count_and_waits_for_room_like_others()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        var ids = await SubmitAsync(jobs, 2, Terms.Running(1));
        await LookAsync(jobs);
        await jobs.ClaimAsync(ids[0], 1, Worker);
        await jobs.AskAsync<RunFailed, RunReceipt>(EndpointNames.JobLifecycle, WithAnother(Reports.Failed(ids[0], 1, Worker, "no")));
        await LookAsync(jobs);
        Assert.Equal([ids[1]], await ReleasedAsync(jobs));

        await jobs.ClaimAsync(ids[1], 1, Worker);
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(0, await LookAsync(jobs));
        await jobs.AskAsync<AttemptLost, RunReceipt>(EndpointNames.JobLifecycle, new AttemptLost { JobId = ids[1], Attempt = 1, WorkerId = Worker, Epoch = 1, Cause = "runner" });
        await LookAsync(jobs);
        Assert.Single(await ReleasedAsync(jobs));
    }

    [Theory]
    [InlineData(LimitScope.Grant, "alice 1, bob 1, carol 1")]
    [InlineData(LimitScope.Tenant, "alice 1, carol 1")]
    [InlineData(LimitScope.Global, "alice 1")]
    public async Task A_cap_counts_the_jobs_of_its_scope(LimitScope scope, string expected)
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        foreach (var caller in (Caller[])[EmbeddedJobs.Alice, EmbeddedJobs.Bob, Carol])
        {
            await SubmitAsync(jobs, 2, Terms.Running(1, scope), caller);
        }

        await LookAsync(jobs);
        await LookAsync(jobs);

        var released = await jobs.ReadAsync(db => db.Jobs.Where(j => j.ReleasedAtMs != null).GroupBy(j => j.Grant).Select(g => new { g.Key, Count = g.Count() }).OrderBy(g => g.Key).ToListAsync());
        Assert.Equal(expected, string.Join(", ", released.Select(r => $"{r.Key} {r.Count}")));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task A_cap_of_all_tools_counts_the_jobs_of_each_and_one_of_a_tool_its_own(bool ofAll, int released)
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        var cap = Terms.Running(1, tool: ofAll ? null : Terms.Tool);
        caps.Set("staff", cap, cap with { Tool = ofAll ? null : "other" });
        await jobs.SubmitAsync(terms: Terms.Of(cap));
        await jobs.SubmitAsync(EmbeddedJobs.Request() with { Tool = "other" }, terms: Terms.Of(cap));

        await LookAsync(jobs);
        await LookAsync(jobs);

        Assert.Equal(released, (await ReleasedAsync(jobs)).Count);
    }

    [Fact]
    public async Task The_cap_of_the_moment_decides_a_lower_one_stops_new_starts_and_a_higher_one_lets_jobs_go_within_a_round()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        var ids = await SubmitAsync(jobs, 5, Terms.Running(2));
        await LookAsync(jobs);
        await jobs.ClaimAsync(ids[0], 1, Worker);
        await jobs.ClaimAsync(ids[1], 1, Worker);

        caps.Set("staff", Terms.Running(1));
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Reports.Completed(ids[0], 1, Worker, 1));
        Assert.Equal((0, nameof(JobLifecycle.Running)), (await LookAsync(jobs), (await jobs.JobAsync(ids[1])).CurrentState));

        caps.Set("staff", Terms.Running(3));
        // Nobody rings: the dispatcher's own round is a second long.
        clock.Advance(TimeSpan.FromSeconds(1));
        await EmbeddedJobs.EventuallyAsync(async () => (await ReleasedAsync(jobs)).Count == 2, "the raised cap lets two more go");
        caps.Set("staff");
        await LookAsync(jobs);
        Assert.Equal(3, (await ReleasedAsync(jobs)).Count);
    }

    [Fact]
    public async Task A_job_that_waited_behind_a_cap_is_judged_again_when_there_is_room_for_it_and_not_before()
    {
        using var store = databases.NewStore();
        var policies = new PolicyOfTheDay { Hash = Terms.Hash };
        await using var jobs = await StartAsync(store, configure: services => services.AddSingleton<IPolicyInForce>(policies));
        var ids = await SubmitAsync(jobs, 2, Terms.Running(1));
        await LookAsync(jobs);
        (policies.Hash, policies.Says) = ("sha256:new", new Judgement { Policy = "team", PolicyHash = "sha256:new", RuleHash = "r", Refusal = new Refusal { Kind = RefusalKinds.PolicyDenied, Rule = "/tools/t/action", Reason = "no more" } });
        await LookAsync(jobs);
        Assert.Empty(policies.Judged);

        await jobs.ClaimAsync(ids[0], 1, Worker);
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Reports.Completed(ids[0], 1, Worker, 1));
        await LookAsync(jobs);

        await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(ids[1])).CurrentState == nameof(JobLifecycle.Failed), "the policy of the day ends the job");
        Assert.Equal(("/tools/t/action", 0), ((await jobs.JobAsync(ids[1])).FailureRule, (await jobs.JobAsync(ids[1])).Attempt));
    }

    [Fact]
    public async Task However_many_wait_behind_a_full_cap_others_of_the_tenant_pass_them_and_slots_stay_open_for_direct_releases()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store, slots: 8);
        var held = await SubmitAsync(jobs, 40, Terms.Running(1));
        jobs.Get<DirectReleases>().Set([], []);
        var passing = await jobs.SubmitAsync(caller: EmbeddedJobs.Bob);
        var second = await jobs.SubmitAsync(EmbeddedJobs.Request() with { Tool = "other" }, terms: Free());

        await LookAsync(jobs);
        Assert.Equal(new[] { held[0], passing, second }.Order(), (await ReleasedAsync(jobs)).Order());
        Assert.Equal(0, await LookAsync(jobs));
        var direct = await jobs.SubmitAsync(caller: EmbeddedJobs.Bob);
        Assert.NotNull((await jobs.JobAsync(direct)).ReleasedAtMs);
        var view = await jobs.Reader.FindAsync(EmbeddedJobs.Alice, held[1], null, CancellationToken.None);
        Assert.Equal(Terms.Running(1), view?.HeldBy);
    }

    [Fact]
    public async Task Those_behind_a_full_cap_do_not_stand_before_others_in_the_queue()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store, slots: 1);
        var held = await SubmitAsync(jobs, 10, Terms.Running(1));
        await LookAsync(jobs);
        await jobs.ClaimAsync(held[0], 1, Worker);
        await LookAsync(jobs);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        var bobs = await jobs.SubmitAsync(caller: EmbeddedJobs.Bob);
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(1, (await jobs.Reader.FindAsync(EmbeddedJobs.Bob, bobs, null, CancellationToken.None))?.QueuePosition);
        Assert.Equal(9, (await jobs.Reader.FindAsync(EmbeddedJobs.Alice, held[9], null, CancellationToken.None))?.QueuePosition);
    }

    [Fact]
    public async Task A_job_that_a_cap_holds_for_is_never_released_by_its_submit()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        await LookAsync(jobs);
        Assert.NotNull((await jobs.JobAsync(await jobs.SubmitAsync(terms: Free()))).ReleasedAtMs);
        jobs.Get<DirectReleases>().Set([("default", 5)], []);

        var accepted = Assert.IsType<SubmitOutcome.Accepted>(await jobs.TrySubmitAsync(terms: Terms.Of(Terms.Running(5))));

        // Whether the dispatcher has released it by now is another question: its place was not taken.
        Assert.Equal("queued", accepted.Job.Status);
        Assert.True(Enumerable.Range(0, 5).All(_ => jobs.Get<DirectReleases>().TryTake("default", "default")));
    }

    [Fact]
    public async Task A_process_that_read_before_another_released_releases_nothing_above_the_cap()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store, slots: 0);
        var ids = await SubmitAsync(jobs, 4, Terms.Running(2));
        var (dispatch, none, now) = (jobs.Get<IDispatchStore>(), CancellationToken.None, clock.GetUtcNow());
        var (slow, quick) = (Guid.NewGuid(), Guid.NewGuid());
        var read = await dispatch.ReadWaitingAsync("default", now, 4, new RunningRoom(new CapsInForce(new SetCaps(), jobs.Get<TenantQuotas>(), Microsoft.Extensions.Options.Options.Create(new DispatchOptions())), []), none);
        Assert.Equal(4, read.Count);

        Assert.True(await dispatch.HoldAsync(quick, now, now.AddSeconds(5), none));
        Assert.Equal(1, await dispatch.ReleaseAsync(quick, now, [.. read.Where(job => job.JobId == ids[0])], null, none));
        // Its term is over, and what the other one has read is of before.
        Assert.True(await dispatch.HoldAsync(slow, now.AddSeconds(5), now.AddSeconds(10), none));
        Assert.Equal(1, await dispatch.ReleaseAsync(slow, now.AddSeconds(5), [.. read.Where(job => job.JobId != ids[0])], null, none));
        Assert.Equal(2, (await ReleasedAsync(jobs)).Count);
        // What is sent again counts already, and is not measured a second time.
        caps.Set("staff", Terms.Running(1));
        Assert.Equal(2, await dispatch.ReleaseAsync(slow, now.AddSeconds(5), [.. read.Where(job => ids.Take(2).Contains(job.JobId))], now.AddSeconds(6), none));
    }

    [Fact]
    public async Task A_job_that_is_claimed_between_two_looks_at_the_rows_is_counted()
    {
        using var store = databases.NewStore();
        var between = new Between();
        await using var jobs = await StartAsync(store, configure: services => store.Intercept(services, between));
        var id = (await SubmitAsync(jobs, 1, Terms.Running(1)))[0];
        await LookAsync(jobs);
        between.First = () => jobs.ClaimAsync(id, 1, Worker);
        between.IsMine.Value = true;

        var load = await jobs.Get<IDispatchStore>().ReadLoadAsync(clock.GetUtcNow(), clock.GetUtcNow().AddMinutes(-1), CancellationToken.None);

        Assert.Null(between.First);
        Assert.True(load.Callers.Sum(c => c.Running + c.Released) >= 1);
    }

    [Fact]
    public async Task Two_processes_that_submit_claim_and_end_at_once_never_have_more_than_the_cap_in_hand()
    {
        const int Most = 3;
        using var store = databases.NewStore();
        caps.Set("staff", Terms.Running(Most));
        await using var both = await TwoProcesses.StartAsync(databases, store, services => services.AddSingleton<IRunningCaps>(caps), ("Dispatch:OwnSlots", "20"));
        using var done = new CancellationTokenSource();
        var seen = 0;
        var watch = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                seen = Math.Max(seen, await both.First.ReadAsync(InHandAsync));
            }
        });
        var ids = await both.AllAtOnceAsync(40, (jobs, _) => jobs.SubmitAsync(terms: Terms.Of(Terms.Running(Most))));
        await EmbeddedJobs.EventuallyAsync(async () =>
        {
            var released = await both.First.ReadAsync(db => db.Jobs.Where(j => j.CurrentState == nameof(JobLifecycle.Queued) && j.ReleasedAtMs != null).Select(j => j.CorrelationId).ToListAsync());
            await Task.WhenAll(released.Select((id, i) => Task.Run(async () =>
            {
                await both[i].ClaimAsync(id, 1, Worker);
                await both[i + 1].AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Reports.Completed(id, 1, Worker, 1));
            })));
            await Task.WhenAll(LookAsync(both.First), LookAsync(both.Second));
            return await both.First.ReadAsync(db => db.Jobs.CountAsync(j => j.CurrentState == nameof(JobLifecycle.Completed))) == ids.Length;
        }, "all have run");
        await done.CancelAsync();
        await watch;

        Assert.Equal(Most, seen);
    }

    private static Task<int> InHandAsync(Gateway.Storage.GatewayDb db) => db.Jobs.CountAsync(
        j => j.CurrentState == nameof(JobLifecycle.Running) || j.CurrentState == nameof(JobLifecycle.Canceling) || (j.CurrentState == nameof(JobLifecycle.Queued) && j.ReleasedAtMs != null));

    // A dispatcher that looks when it is told to, or when something has ended: its timer stands in a clock that stands.
    private Task<EmbeddedJobs> StartAsync(ITestStore store, int slots = 100, Action<IServiceCollection>? configure = null) => new EmbeddedJobs(
        store,
        clock,
        worker: false,
        configure: services =>
        {
            services.AddSingleton<IRunningCaps>(caps);
            configure?.Invoke(services);
        },
        settings: [("Dispatch:OwnSlots", $"{slots}"), ("Dispatch:Margin", "0")]).StartAsync();

    private async Task<List<Guid>> SubmitAsync(EmbeddedJobs jobs, int count, JobCap cap, Caller? caller = null)
    {
        caps.Set("staff", cap);
        List<Guid> ids = [];
        for (var i = 0; i < count; i++)
        {
            clock.Advance(TimeSpan.FromMilliseconds(1));
            ids.Add(await jobs.SubmitAsync(caller: caller, terms: Terms.Of(cap)));
        }

        return ids;
    }

    private static RunFailed WithAnother(RunFailed failed) => failed with { Failure = failed.Failure with { Again = true } };

    private static AdmissionTerms Free() => Terms.With([], []) with { GrantLabel = "free" };

    private static Task<int> LookAsync(EmbeddedJobs jobs) => jobs.Get<Dispatcher>().LookAsync(CancellationToken.None);

    private static Task<List<Guid>> ReleasedAsync(EmbeddedJobs jobs) => jobs.ReadAsync(
        db => db.Jobs.Where(j => j.ReleasedAtMs != null).OrderBy(j => j.CreatedAtMs).Select(j => j.CorrelationId).ToListAsync());

    private sealed class Between : DbCommandInterceptor
    {
        private bool asked;

        /// <summary>The dispatcher's own looks are not meant.</summary>
        public AsyncLocal<bool> IsMine { get; } = new();

        /// <summary>What happens between the questions for released and for running jobs, whichever comes first; null once it has.</summary>
        public Func<Task>? First { get; set; }

        public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (IsMine.Value && First is { } act && command.CommandText.Contains("\"GrantLabel\"", StringComparison.Ordinal) && command.CommandText.Contains("GROUP BY", StringComparison.Ordinal))
            {
                if (asked)
                {
                    First = null;
                    await act();
                }

                asked = true;
            }

            return result;
        }
    }
}

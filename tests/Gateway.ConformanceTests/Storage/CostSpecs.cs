using Gateway.ConformanceTests.Support;
using Gateway.Contracts;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Retention;
using Gateway.Policies.Approvals;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Limits;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.ConformanceTests.Storage;

public sealed class CostSpecsOnSqlite() : CostSpecs(Databases.Sqlite);

public sealed class CostSpecsOnPostgreSql() : CostSpecs(Databases.PostgreSql);

/// <summary>What is reserved of a budget, and what takes its place.</summary>
public abstract class CostSpecs(Databases databases)
{
    private static readonly Guid Worker = Guid.NewGuid();

    [Fact]
    public async Task The_real_cost_takes_the_place_of_the_reservation_once_and_is_recorded()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        var id = await jobs.SubmitAsync(terms: Budget(2));
        Assert.Equal(2_000_000, await UsedAsync(jobs));
        await jobs.ClaimAsync(id, 1, Worker);
        var completed = Costing(Reports.Completed(id, 1, Worker), 0.75m);
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, completed);
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, completed);
        Assert.Equal(750_000, await UsedAsync(jobs));
        Assert.Equal(0, await jobs.ReadAsync(db => db.Reservations.CountAsync()));
        var record = await jobs.ReadAsync(db => db.Audit.Where(a => a.Method == "job/cost").Select(a => a.Record).SingleAsync());
        Assert.Contains("\"costUsd\":0.75,\"counters\":[{\"rule\":\"/tools/claude_request_async/limits/usd\",\"used\":0.75,", record, StringComparison.Ordinal);
        Assert.Contains("\"reservedUsd\":2,", record, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cost_above_the_limit_stands_and_refuses_until_the_window_ends()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        var id = await jobs.SubmitAsync(terms: Budget(2));
        await jobs.ClaimAsync(id, 1, Worker);
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Costing(Reports.Completed(id, 1, Worker), 11));
        Assert.Equal(11_000_000, await UsedAsync(jobs));
        Assert.IsType<SubmitOutcome.Refused>(await jobs.TrySubmitAsync(terms: Budget(0.000001m)));
    }

    [Fact]
    public async Task A_job_without_any_process_costs_nothing()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false, settings: [("Dispatch:OwnSlots", "0"), ("Dispatch:Margin", "0")]).StartAsync();
        var id = await jobs.SubmitAsync(terms: Budget(2));
        await jobs.Get<JobCancellation>().CancelAsync(EmbeddedJobs.Alice, id, null, CancellationToken.None);
        Assert.Equal(0, await UsedAsync(jobs));
    }

    [Theory]
    [InlineData("rejected")]
    [InlineData("expired")]
    [InlineData("canceled")]
    [InlineData("refused")]
    public async Task A_job_that_waited_for_a_person_and_never_began_costs_nothing_and_its_call_stays_counted(string how)
    {
        using var store = databases.NewStore();
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        var policies = new PolicyOfTheDay { Hash = Terms.Hash };
        await using var jobs = await new EmbeddedJobs(store, clock, worker: false, configure: services => services.AddSingleton<IPolicyInForce>(policies)).StartAsync();
        var limits = Budget(2).Judgement!.Limits.Append(Terms.Limit(5)).ToArray();
        var terms = Terms.Of(limits);
        terms = terms with { Judgement = terms.Judgement! with { Approval = new ApprovalTerms(ApprovalMode.Job, TimeSpan.FromHours(1), "r", "/tools/t/approval") } };
        var id = await jobs.SubmitAsync(terms: terms);
        await jobs.SubmitAsync(terms: Budget(3));
        Assert.Equal(5_000_000, await UsedAsync(jobs));

        await EndAsync(jobs, clock, policies, id, how);

        await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(id)).FinishedAtMs is not null, "the job waits on");
        Assert.Equal(3_000_000, await UsedAsync(jobs));
        Assert.Equal(1_000_000, await jobs.ReadAsync(db => db.Counters.Where(c => c.Counter == "starts").Select(c => c.UsedMicros).SingleAsync()));
        Assert.Equal(0, await jobs.ReadAsync(db => db.Reservations.CountAsync(r => r.JobId == id)));
        var record = await jobs.ReadAsync(db => db.Audit.Where(a => a.Method == "job/cost" && a.JobId == id).Select(a => a.Record).SingleAsync());
        Assert.Contains("\"costUsd\":0,", record, StringComparison.Ordinal);
        Assert.Contains("\"reservedUsd\":2,", record, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.5, 2_000_000)]
    [InlineData(3, 3_000_000)]
    public async Task An_attempt_that_was_lost_keeps_the_reservation_and_what_is_known_above_it_is_added(double cost, long micros)
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        var id = await jobs.SubmitAsync(terms: Budget(2));
        await jobs.ClaimAsync(id, 1, Worker);
        await jobs.DeliverAsync(EndpointNames.JobLifecycle, new AttemptLost { JobId = id, Attempt = 1, Cause = "lease" });
        await jobs.ClaimAsync(id, 2, Worker);
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Costing(Reports.Completed(id, 2, Worker), (decimal)cost));
        Assert.Equal(micros, await UsedAsync(jobs));
    }

    [Fact]
    public async Task Attempts_add_up_in_the_window_that_was_reserved_and_each_has_the_budget_that_is_left()
    {
        using var store = databases.NewStore();
        var clock = new SetStoreClock(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var jobs = await new EmbeddedJobs(store, worker: false, configure: services => services.AddSingleton<IStoreClock>(clock)).StartAsync();
        var id = await jobs.SubmitAsync(terms: Budget(2));
        await jobs.ClaimAsync(id, 1, Worker);
        var failed = Reports.Failed(id, 1, Worker, "no");
        await jobs.AskAsync<RunFailed, RunReceipt>(EndpointNames.JobLifecycle, failed with { Failure = failed.Failure with { Again = true }, Result = Costing(failed.Result, 0.4m) });
        clock.Now += TimeSpan.FromDays(2);
        var (granted, _) = await jobs.ClaimAsync(id, 2, Worker);
        Assert.Equal(0.4m, granted?.Grant.SpentUsd);
        await jobs.SubmitAsync(terms: Budget(1));
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, Costing(Reports.Completed(id, 2, Worker), 0.3m));
        Assert.Equal([700_000, 1_000_000], await jobs.ReadAsync(db => db.Counters.OrderBy(c => c.WindowStartMs).Select(c => c.UsedMicros).ToListAsync()));
    }

    [Fact]
    public async Task Counters_go_a_day_after_their_window_unless_an_open_job_has_reserved_in_them()
    {
        using var store = databases.NewStore();
        var clock = new SetStoreClock(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var jobs = await new EmbeddedJobs(store, worker: false, configure: services => services.AddSingleton<IStoreClock>(clock)).StartAsync();
        await jobs.SubmitAsync(terms: Terms.Of(Terms.Limit(5)));
        await jobs.SubmitAsync(terms: Budget(2));
        var gates = await jobs.ReadAsync(db => db.Gates.CountAsync());
        var sweeper = jobs.Get<RetentionSweeper>();
        clock.Now += TimeSpan.FromDays(1);
        await sweeper.SweepAsync(CancellationToken.None);
        Assert.Equal(2, await jobs.ReadAsync(db => db.Counters.CountAsync()));
        clock.Now += TimeSpan.FromDays(3);
        await sweeper.SweepAsync(CancellationToken.None);
        Assert.Equal(["usd"], await jobs.ReadAsync(db => db.Counters.Select(c => c.Counter).ToListAsync()));
        Assert.Equal(gates, await jobs.ReadAsync(db => db.Gates.CountAsync()));
    }

    private static async Task EndAsync(EmbeddedJobs jobs, FakeTimeProvider clock, PolicyOfTheDay policies, Guid id, string how)
    {
        var approval = (await jobs.JobAsync(id)).ApprovalId!.Value;
        switch (how)
        {
            case "rejected":
                await jobs.Get<ApprovalDesk>().DecideAsync(Decider.Operator(1), approval, approve: false, null, CancellationToken.None);
                break;
            case "expired":
                clock.Advance(TimeSpan.FromHours(1));
                await jobs.Get<ApprovalSweeper>().SweepAsync(CancellationToken.None);
                break;
            case "canceled":
                await jobs.Get<JobCancellation>().CancelAsync(EmbeddedJobs.Alice, id, null, CancellationToken.None);
                break;
            default:
                // Not due before the policy has changed; and sooner than what was released is sent again.
                await jobs.ReadAsync(db => db.Jobs.Where(j => j.CorrelationId == id).ExecuteUpdateAsync(set => set.SetProperty(j => j.NotBeforeMs, clock.GetUtcNow().AddSeconds(20).ToUnixTimeMilliseconds())));
                await jobs.Get<ApprovalDesk>().DecideAsync(Decider.Operator(1), approval, approve: true, null, CancellationToken.None);
                await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(id)).CurrentState == nameof(JobLifecycle.Queued), "the job is not queued");
                policies.Hash = "sha256:new";
                policies.Says = new Judgement { Policy = "team", PolicyHash = "sha256:new", RuleHash = "r", Refusal = new Refusal { Kind = RefusalKinds.PolicyDenied, Rule = "/tools/t/action", Reason = "no" } };
                clock.Advance(TimeSpan.FromSeconds(30));
                await jobs.Get<Dispatcher>().LookAsync(CancellationToken.None);
                break;
        }
    }

    private static AdmissionTerms Budget(decimal usd) => Terms.Of(Terms.Limit(10, "usd", 86_400, LimitScope.Tenant, "acme", usd) with { IsCost = true });

    private static RunCompleted Costing(RunCompleted completed, decimal usd) => completed with { Result = Costing(completed.Result, usd) };

    private static RunResult Costing(RunResult result, decimal usd) =>
        result with { StartedAt = DateTimeOffset.UnixEpoch.AddYears(55), Usage = new RunUsage { CostUsd = usd } };

    private static Task<long> UsedAsync(EmbeddedJobs jobs) => jobs.ReadAsync(db => db.Counters.Where(c => c.Counter == "usd").Select(c => c.UsedMicros).SingleAsync());
}

using Gateway.ConformanceTests.Support;
using Gateway.Contracts;
using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Dispatch;
using Gateway.Policies.Evaluation;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.ConformanceTests.Jobs;

public sealed class QuotaSpecsOnSqlite() : QuotaSpecs(Databases.Sqlite);

public sealed class QuotaSpecsOnPostgreSql() : QuotaSpecs(Databases.PostgreSql);

/// <summary>What a tenant may have besides what its policies say.</summary>
public abstract class QuotaSpecs(Databases databases)
{
    private static readonly Guid Worker = Guid.NewGuid();
    private static readonly Caller Carol = new("bolt", "carol");
    private static readonly (string, string)[] NothingIsReleased = [("Dispatch:OwnSlots", "0"), ("Dispatch:Margin", "0")];

    [Fact]
    public async Task Of_many_submits_of_a_tenants_callers_at_one_instant_as_many_pass_as_its_quota_says()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store, [("Quotas:Default:SubmitsPerDay", "7"), ("Quotas:Tenants:BOLT:SubmitsPerDay", "4")]);
        var outcomes = await both.AllAtOnceAsync(20, async (jobs, i) =>
        {
            var caller = i % 4 == 0 ? Carol : i % 4 == 1 ? EmbeddedJobs.Bob : EmbeddedJobs.Alice;
            return (caller.Tenant, Outcome: await jobs.TrySubmitAsync(caller: caller, terms: Terms.With([Terms.Limit(100, value: caller.Grant)], [Terms.Queued(100)], caller)));
        });

        Assert.Equal((7, 4), (outcomes.Count(o => o is { Tenant: "acme", Outcome: SubmitOutcome.Accepted }), outcomes.Count(o => o is { Tenant: "bolt", Outcome: SubmitOutcome.Accepted })));
        var why = outcomes.Where(o => o.Tenant == "acme").Select(o => o.Outcome).OfType<SubmitOutcome.Refused>().First().Why;
        Assert.Equal((RefusalKinds.RateLimited, "/quotas/acme/submits-day", "limit acme/submits-day (7 per day) reached", 7m, 0m), (why.Kind, why.Rule, why.Reason, why.Limit, why.Remaining));
        Assert.InRange(why.RetryAfterSeconds ?? 0, 1, 86_400);
        // What a quota refuses counts in no limit of the policy.
        Assert.Equal(11_000_000, await both.First.ReadAsync(db => db.Counters.Where(c => c.Counter == "starts").SumAsync(c => c.UsedMicros)));
    }

    [Fact]
    public async Task A_tenant_may_have_so_many_waiting_jobs_as_its_quota_says_whoever_of_it_submits_them()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store, [("Quotas:Tenants:acme:Queued", "5"), .. NothingIsReleased]);
        var outcomes = await both.AllAtOnceAsync(12, (jobs, i) => jobs.TrySubmitAsync(caller: i % 2 == 0 ? EmbeddedJobs.Alice : EmbeddedJobs.Bob, terms: Terms.With([], [])));
        Assert.Equal(5, outcomes.OfType<SubmitOutcome.Accepted>().Count());
        Assert.All(outcomes.OfType<SubmitOutcome.Refused>(), refused => Assert.Equal((RefusalKinds.QueueFull, "/quotas/acme/queued", 5m, 0m), (refused.Why.Kind, refused.Why.Rule, refused.Why.Limit, refused.Why.Remaining)));
        await both.First.SubmitAsync(caller: Carol, terms: Terms.With([], [], Carol));
        Assert.Contains("/quotas/acme/queued", await both.First.ReadAsync(db => db.Audit.Where(a => a.Decision == "denied").Select(a => a.Record).FirstAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tenant_runs_so_many_jobs_as_its_quota_says_and_others_as_many_as_the_default_says()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false, settings: [("Quotas:Default:Running", "3"), ("Quotas:Tenants:acme:Running", "1"), ("Dispatch:OwnSlots", "100")]).StartAsync();
        foreach (var caller in (Caller[])[EmbeddedJobs.Alice, EmbeddedJobs.Bob, Carol, Carol, Carol, Carol])
        {
            await jobs.SubmitAsync(caller: caller);
        }

        await EmbeddedJobs.EventuallyAsync(async () => await ReleasedOfAsync(jobs, "bolt") == 3, "the default lets three go");
        await jobs.Get<Dispatcher>().LookAsync(CancellationToken.None);
        Assert.Equal((1, 3), (await ReleasedOfAsync(jobs, "acme"), await ReleasedOfAsync(jobs, "bolt")));
    }

    [Fact]
    public async Task What_a_tenant_may_spend_is_reserved_by_submits_and_corrected_by_the_real_cost()
    {
        using var store = databases.NewStore();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero));
        await using var jobs = await new EmbeddedJobs(store, clock, worker: false, settings: [("Quotas:Default:SpendUsdPerDay", "2.5")]).StartAsync();
        var first = await jobs.SubmitAsync(Costing(1, "k"), terms: Terms.With([], []));
        await jobs.SubmitAsync(Costing(1), EmbeddedJobs.Bob, Terms.With([], [], EmbeddedJobs.Bob));
        var refused = Assert.IsType<SubmitOutcome.Refused>(await jobs.TrySubmitAsync(Costing(1), terms: Terms.With([], []))).Why;
        Assert.Equal((RefusalKinds.RateLimited, "/quotas/acme/spend-day", 2.5m, 0.5m, 43_200), (refused.Kind, refused.Rule, refused.Limit, refused.Remaining, refused.RetryAfterSeconds));
        // The same call again is the same job, and counts nowhere.
        Assert.Equal(first, await jobs.SubmitAsync(Costing(1, "k"), terms: Terms.With([], [])));

        await jobs.ClaimAsync(first, 1, Worker);
        var completed = Reports.Completed(first, 1, Worker);
        await jobs.AskAsync<RunCompleted, RunReceipt>(EndpointNames.JobLifecycle, completed with { Result = completed.Result with { Usage = new RunUsage { CostUsd = 0.25m } } });
        await jobs.SubmitAsync(Costing(1), terms: Terms.With([], []));

        Assert.Equal(2_250_000, await jobs.ReadAsync(db => db.Counters.Select(c => c.UsedMicros).SingleAsync()));
        Assert.Contains("/quotas/acme/spend-day", await jobs.ReadAsync(db => db.Audit.Where(a => a.Method == "job/cost").Select(a => a.Record).SingleAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "/quotas/acme/spend-day/increment_from", "args.maxBudgetUsd must be a number of at least 0")]
    [InlineData(3.0, "/quotas/acme/spend-day", "args.maxBudgetUsd exceeds limit acme/spend-day (2.5)")]
    public async Task A_submit_that_can_never_fit_what_a_tenant_may_spend_is_denied(double? budget, string rule, string reason)
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false, settings: [("Quotas:Default:SpendUsdPerDay", "2.5")]).StartAsync();
        var why = Assert.IsType<SubmitOutcome.Refused>(await jobs.TrySubmitAsync(Costing((decimal?)budget), terms: Terms.Of(Terms.Limit(5)))).Why;
        Assert.Equal((RefusalKinds.PolicyDenied, rule, reason, Terms.Hash, null), (why.Kind, why.Rule, why.Reason, why.PolicyHash, why.RetryAfterSeconds));
        Assert.Equal((0, 1), await jobs.ReadAsync(async db => (await db.Counters.CountAsync(), await db.Audit.CountAsync())));
    }

    private static RunRequest Costing(decimal? budget, string? key = null)
    {
        var request = EmbeddedJobs.Request(key: key);
        return request with { Agent = request.Agent with { MaxBudgetUsd = budget } };
    }

    private static Task<int> ReleasedOfAsync(EmbeddedJobs jobs, string tenant) => jobs.ReadAsync(db => db.Jobs.CountAsync(j => j.ReleasedAtMs != null && j.Tenant == tenant));
}

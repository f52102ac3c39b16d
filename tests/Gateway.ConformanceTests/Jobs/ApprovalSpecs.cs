using Gateway.ConformanceTests.Support;
using Gateway.Contracts.Values;
using Gateway.Jobs;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Reading;
using Gateway.Policies.Approvals;
using Gateway.Policies.Evaluation;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.ConformanceTests.Jobs;

public sealed class ApprovalSpecsOnSqlite() : ApprovalSpecs(Databases.Sqlite);

public sealed class ApprovalSpecsOnPostgreSql() : ApprovalSpecs(Databases.PostgreSql);

/// <summary>What people are asked, and what they decide.</summary>
public abstract class ApprovalSpecs(Databases databases)
{
    private static readonly Decider Carol = Decider.Of(new Caller("acme", "carol"));
    private static readonly DateTimeOffset Start = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Of_many_decisions_at_once_in_two_processes_one_counts_and_the_others_are_told_how_it_was_closed()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store);
        for (var round = 0; round < 5; round++)
        {
            var job = await HeldJobs.PutAsync(both.First, both.First.Clock.GetUtcNow().AddHours(1));
            var outcomes = await both.AllAtOnceAsync(8, (jobs, i) =>
                jobs.Get<ApprovalDesk>().DecideAsync(Decider.Of(new Caller("acme", $"decider-{i}")), job.ApprovalId!.Value, approve: i % 2 == 0, $"comment {i}", CancellationToken.None));

            var winner = Assert.Single(outcomes.OfType<DecisionOutcome.Decided>()).Record;
            Assert.All(outcomes.OfType<DecisionOutcome.Closed>(), closed => Assert.Equal((winner.Status, winner.DecidedBy, winner.Comment), (closed.Record.Status, closed.Record.DecidedBy, closed.Record.Comment)));
            Assert.Equal(7, outcomes.OfType<DecisionOutcome.Closed>().Count());
            var expected = winner.Status == ApprovalStatus.Approved ? nameof(JobLifecycle.Queued) : nameof(JobLifecycle.Failed);
            await EmbeddedJobs.EventuallyAsync(async () => (await both.First.JobAsync(job.CorrelationId)).CurrentState == expected, $"the job is not {expected}");
        }
    }

    [Fact]
    public async Task Consent_starts_the_job_and_the_answer_shows_it_queued()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();
        var job = await HeldJobs.PutAsync(jobs, jobs.Clock.GetUtcNow().AddHours(1));

        var decided = Assert.IsType<DecisionOutcome.Decided>(await jobs.Get<ApprovalDesk>().DecideAsync(Carol, job.ApprovalId!.Value, approve: true, "fine", CancellationToken.None));

        Assert.Equal((ApprovalStatus.Approved, "carol", "fine"), (decided.Record.Status, decided.Record.DecidedBy, decided.Record.Comment));
        Assert.NotEqual(JobStatus.AwaitingApproval, decided.Job!.Status);
        Assert.Equal(job.CorrelationId, (await jobs.NextCommandAsync()).JobId);
    }

    [Fact]
    public async Task A_no_fails_the_job_with_the_persons_words()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        var job = await HeldJobs.PutAsync(jobs, jobs.Clock.GetUtcNow().AddHours(1));

        var decided = Assert.IsType<DecisionOutcome.Decided>(await jobs.Get<ApprovalDesk>().DecideAsync(Carol, job.ApprovalId!.Value, approve: false, "not in production", CancellationToken.None));

        Assert.Equal((JobStatus.Failed, FailureKinds.ApprovalRejected, "not in production"), (decided.Job!.Status, decided.Job.Failure!.Kind, decided.Job.Failure.Message));
        Assert.Equal((await jobs.Get<ApprovalDesk>().FindAsync("acme", job.ApprovalId.Value, CancellationToken.None))!.PolicyHash, decided.Job.Failure.PolicyHash);
    }

    [Fact]
    public async Task Nobody_decides_about_an_own_request_and_no_tenant_about_anothers()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false).StartAsync();
        var id = (await HeldJobs.PutAsync(jobs, jobs.Clock.GetUtcNow().AddHours(1))).ApprovalId!.Value;
        var desk = jobs.Get<ApprovalDesk>();

        Assert.IsType<DecisionOutcome.Own>(await desk.DecideAsync(Decider.Of(EmbeddedJobs.Alice), id, approve: true, null, CancellationToken.None));
        Assert.IsType<DecisionOutcome.Own>(await desk.DecideAsync(Decider.Of(EmbeddedJobs.Alice), id, approve: false, null, CancellationToken.None));
        Assert.IsType<DecisionOutcome.Unknown>(await desk.DecideAsync(Decider.Of(new Caller("bolt", "alice")), id, approve: true, null, CancellationToken.None));
        Assert.IsType<DecisionOutcome.Unknown>(await desk.DecideAsync(Carol, ApprovalIdText.NewId(), approve: true, null, CancellationToken.None));
        Assert.Equal(ApprovalStatus.Pending, (await desk.FindAsync("acme", id, CancellationToken.None))!.Status);
        Assert.IsType<DecisionOutcome.Decided>(await desk.DecideAsync(Decider.Operator(1000), id, approve: true, null, CancellationToken.None));
        Assert.Equal("operator:1000", (await desk.FindAsync("acme", id, CancellationToken.None))!.DecidedBy);
    }

    [Fact]
    public async Task After_the_expiry_no_decision_counts_and_the_sweeper_fails_the_job_once()
    {
        using var store = databases.NewStore();
        var clock = new FakeTimeProvider(Start);
        await using var jobs = await new EmbeddedJobs(store, clock, worker: false).StartAsync();
        var job = await HeldJobs.PutAsync(jobs, Start.AddMinutes(30));
        var (desk, sweeper) = (jobs.Get<ApprovalDesk>(), jobs.Get<ApprovalSweeper>());

        clock.SetUtcNow(Start.AddMinutes(30).AddMilliseconds(-1));
        Assert.Equal(0, await sweeper.SweepAsync(CancellationToken.None));
        clock.SetUtcNow(Start.AddMinutes(30));
        var closed = Assert.IsType<DecisionOutcome.Closed>(await desk.DecideAsync(Carol, job.ApprovalId!.Value, approve: true, null, CancellationToken.None));
        Assert.Equal(ApprovalStatus.Expired, closed.Record.Status);
        await sweeper.SweepAsync(CancellationToken.None);

        await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(job.CorrelationId)).CurrentState == nameof(JobLifecycle.Failed), "the job waits on");
        Assert.Equal((FailureKinds.ApprovalExpired, "/tools/t/approval"), ((await jobs.JobAsync(job.CorrelationId)).FailureKind, (await jobs.JobAsync(job.CorrelationId)).FailureRule));
        Assert.Equal(0, await sweeper.SweepAsync(CancellationToken.None));
        Assert.Equal((ApprovalStatus.Expired, null), await StatusAsync(jobs, job.ApprovalId!.Value));
    }

    [Fact]
    public async Task At_the_moment_of_expiry_the_decision_or_the_expiry_counts_and_never_both()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store);
        for (var round = 0; round < 5; round++)
        {
            var job = await HeldJobs.PutAsync(both.First, both.First.Clock.GetUtcNow().AddMilliseconds(20));
            var approved = await both.AllAtOnceAsync(6, async (jobs, i) =>
            {
                if (i % 3 > 0)
                {
                    return await jobs.Get<ApprovalDesk>().DecideAsync(Carol, job.ApprovalId!.Value, approve: true, null, CancellationToken.None) is DecisionOutcome.Decided;
                }

                await EmbeddedJobs.EventuallyAsync(async () => (await StatusAsync(jobs, job.ApprovalId!.Value)).Status != ApprovalStatus.Pending || await jobs.Get<ApprovalSweeper>().SweepAsync(CancellationToken.None) > 0, "it stays open");
                return false;
            });
            var expected = approved.Contains(true) ? nameof(JobLifecycle.Queued) : nameof(JobLifecycle.Failed);
            await EmbeddedJobs.EventuallyAsync(async () => (await both.First.JobAsync(job.CorrelationId)).CurrentState == expected, $"the job is not {expected}");
            Assert.InRange(approved.Count(won => won), 0, 1);
            Assert.Equal(approved.Contains(true) ? ApprovalStatus.Approved : ApprovalStatus.Expired, (await StatusAsync(both.First, job.ApprovalId!.Value)).Status);
        }
    }

    [Fact]
    public async Task A_request_outlives_a_kill_and_is_decided_by_the_next_process_and_a_decision_whose_process_died_still_counts()
    {
        using var store = databases.NewStore();
        Job waiting, decided;
        await using (var killed = await new EmbeddedJobs(store, worker: false).StartAsync())
        {
            waiting = await HeldJobs.PutAsync(killed, killed.Clock.GetUtcNow().AddHours(1));
            decided = await HeldJobs.PutAsync(killed, killed.Clock.GetUtcNow().AddHours(1));
            // Closed in the store, and the process is gone as soon as that is committed.
            Assert.True((await killed.Get<IApprovalStore>().CloseAsync(decided.ApprovalId!.Value, new ApprovalClosing.Approve { By = "carol" }, CancellationToken.None))!.Value.Closed);
        }

        await using var next = await new EmbeddedJobs(store).StartAsync();
        await EmbeddedJobs.EventuallyAsync(async () => (await next.JobAsync(decided.CorrelationId)).CurrentState == nameof(JobLifecycle.Queued), "the consent was lost");
        Assert.Equal(nameof(JobLifecycle.AwaitingApproval), (await next.JobAsync(waiting.CorrelationId)).CurrentState);
        Assert.Equal(decided.CorrelationId, (await next.NextCommandAsync()).JobId);
        Assert.IsType<DecisionOutcome.Decided>(await next.Get<ApprovalDesk>().DecideAsync(Carol, waiting.ApprovalId!.Value, approve: true, null, CancellationToken.None));
        Assert.Equal(waiting.CorrelationId, (await next.NextCommandAsync()).JobId);
    }

    [Fact]
    public async Task A_list_holds_the_tenants_requests_newest_first_by_state_owner_and_page()
    {
        using var store = databases.NewStore();
        var clock = new FakeTimeProvider(Start);
        await using var jobs = await new EmbeddedJobs(store, clock, worker: false).StartAsync();
        var desk = jobs.Get<ApprovalDesk>();
        List<Guid> ids = [];
        for (var i = 0; i < 5; i++)
        {
            ids.Add((await HeldJobs.PutAsync(jobs, Start.AddMinutes(i == 0 ? 1 : 30), Start.AddSeconds(i))).ApprovalId!.Value);
        }

        await jobs.AddAsync(HeldJobs.RowOf(Guid.NewGuid(), "bolt", "alice", Start, Start.AddHours(1)), HeldJobs.RowOf(Guid.NewGuid(), "acme", "bob", Start.AddHours(-1), Start.AddHours(1)));
        await desk.DecideAsync(Carol, ids[4], approve: true, null, CancellationToken.None);
        clock.SetUtcNow(Start.AddMinutes(1));

        Assert.Equal(6, (await desk.ListAsync(new ApprovalFilter { Tenant = "acme" }, CancellationToken.None)).Page.Count);
        Assert.Equal(7, (await desk.ListAsync(new ApprovalFilter(), CancellationToken.None)).Page.Count);
        Assert.Equal([ids[3], ids[2], ids[1]], await IdsAsync(desk, new ApprovalFilter { Tenant = "acme", Grant = "alice", Status = ApprovalStatus.Pending }));
        Assert.Equal([ids[0]], await IdsAsync(desk, new ApprovalFilter { Tenant = "acme", Status = ApprovalStatus.Expired }));
        Assert.Equal([ids[4]], await IdsAsync(desk, new ApprovalFilter { Tenant = "acme", Status = ApprovalStatus.Approved }));
        var (page, next) = await desk.ListAsync(new ApprovalFilter { Tenant = "acme", Grant = "alice", Limit = 3 }, CancellationToken.None);
        Assert.Equal([ids[4], ids[3], ids[2]], page.Select(a => a.Id));
        Assert.Equal([ids[1], ids[0]], await IdsAsync(desk, new ApprovalFilter { Tenant = "acme", Grant = "alice", Limit = 3, After = next }));
    }

    [Fact]
    public async Task A_changed_rule_voids_consent_and_the_call_is_judged_again()
    {
        using var store = databases.NewStore();
        var policies = new PolicyOfTheDay { Hash = "h2" };
        await using var jobs = await new EmbeddedJobs(store, worker: false, configure: services => services.AddSingleton<IPolicyInForce>(policies)).StartAsync();
        var desk = jobs.Get<ApprovalDesk>();

        // It still asks, otherwise: a new request in the place of the old one.
        policies.Says = Judgement("h2") with { Approval = new ApprovalTerms(ApprovalMode.Job, TimeSpan.FromMinutes(5), "ask again", "/tools/t/approval") };
        var job = await HeldJobs.PutAsync(jobs, jobs.Clock.GetUtcNow().AddHours(1));
        Assert.Equal(ApprovalStatus.Void, Assert.IsType<DecisionOutcome.Closed>(await desk.DecideAsync(Carol, job.ApprovalId!.Value, approve: true, null, CancellationToken.None)).Record.Status);
        await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(job.CorrelationId)).ApprovalId != job.ApprovalId, "nobody was asked anew");
        var asked = await jobs.JobAsync(job.CorrelationId);
        Assert.Equal((nameof(JobLifecycle.AwaitingApproval), "ask again"), (asked.CurrentState, (await desk.FindAsync("acme", asked.ApprovalId!.Value, CancellationToken.None))!.Reason));
        Assert.IsType<DecisionOutcome.Decided>(await desk.DecideAsync(Carol, asked.ApprovalId!.Value, approve: true, null, CancellationToken.None));

        // It asks nobody any more.
        policies.Says = Judgement("h2");
        job = await HeldJobs.PutAsync(jobs, jobs.Clock.GetUtcNow().AddHours(1));
        Assert.IsType<DecisionOutcome.Closed>(await desk.DecideAsync(Carol, job.ApprovalId!.Value, approve: true, null, CancellationToken.None));
        await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(job.CorrelationId)).CurrentState == nameof(JobLifecycle.Queued), "the job waits on");
        Assert.Equal("h2", (await jobs.JobAsync(job.CorrelationId)).RuleHash);

        // It refuses.
        policies.Says = Judgement("h2") with { Refusal = new Refusal { Kind = RefusalKinds.PolicyDenied, Rule = "/tools/t/action", Reason = "no more" } };
        job = await HeldJobs.PutAsync(jobs, jobs.Clock.GetUtcNow().AddHours(1));
        Assert.IsType<DecisionOutcome.Closed>(await desk.DecideAsync(Carol, job.ApprovalId!.Value, approve: true, null, CancellationToken.None));
        await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(job.CorrelationId)).CurrentState == nameof(JobLifecycle.Failed), "the job waits on");
        Assert.Equal((FailureKinds.PolicyDenied, "no more", "/tools/t/action"), await FailureAsync(jobs, job.CorrelationId));

        // The grant is gone.
        policies.Says = null;
        job = await HeldJobs.PutAsync(jobs, jobs.Clock.GetUtcNow().AddHours(1));
        Assert.IsType<DecisionOutcome.Closed>(await desk.DecideAsync(Carol, job.ApprovalId!.Value, approve: true, null, CancellationToken.None));
        await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(job.CorrelationId)).CurrentState == nameof(JobLifecycle.Failed), "the job waits on");
        Assert.Equal("(no policy)", (await FailureAsync(jobs, job.CorrelationId)).Rule);

        // Another tool's rule was changed: the policy is another one, and the consent counts.
        policies.Says = Judgement("h") with { Approval = new ApprovalTerms(ApprovalMode.Job, TimeSpan.FromMinutes(5), "r", "/tools/t/approval") };
        job = await HeldJobs.PutAsync(jobs, jobs.Clock.GetUtcNow().AddHours(1));
        Assert.IsType<DecisionOutcome.Decided>(await desk.DecideAsync(Carol, job.ApprovalId!.Value, approve: true, null, CancellationToken.None));

        // A no counts whatever the rule is by now.
        policies.Says = Judgement("h2");
        job = await HeldJobs.PutAsync(jobs, jobs.Clock.GetUtcNow().AddHours(1));
        Assert.IsType<DecisionOutcome.Decided>(await desk.DecideAsync(Carol, job.ApprovalId!.Value, approve: false, null, CancellationToken.None));
    }

    private static Judgement Judgement(string hash) => new() { Policy = "p", PolicyHash = hash, RuleHash = hash };

    private static async Task<List<Guid>> IdsAsync(ApprovalDesk desk, ApprovalFilter filter) =>
        [.. (await desk.ListAsync(filter, CancellationToken.None)).Page.Select(a => a.Id)];

    private static Task<(string Status, string? DecidedBy)> StatusAsync(EmbeddedJobs jobs, Guid id) => jobs.ReadAsync(async db =>
    {
        var row = await db.Approvals.AsNoTracking().SingleAsync(a => a.ApprovalId == id);
        return (row.Status, row.DecidedBy);
    });

    private static async Task<(string? Kind, string? Message, string? Rule)> FailureAsync(EmbeddedJobs jobs, Guid id)
    {
        var job = await jobs.JobAsync(id);
        return (job.FailureKind, job.FailureMessage, job.FailureRule);
    }
}

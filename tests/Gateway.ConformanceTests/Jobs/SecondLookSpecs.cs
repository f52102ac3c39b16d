using Gateway.ConformanceTests.Support;
using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Values;
using Gateway.Jobs;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Lifecycle;
using Gateway.Policies.Approvals;
using Gateway.Policies.Evaluation;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.ConformanceTests.Jobs;

public sealed class SecondLookSpecsOnSqlite() : SecondLookSpecs(Databases.Sqlite);

public sealed class SecondLookSpecsOnPostgreSql() : SecondLookSpecs(Databases.PostgreSql);

/// <summary>Jobs that have waited are judged again when it is their turn.</summary>
public abstract class SecondLookSpecs(Databases databases)
{
    private const string Rule = "/tools/claude_request_async/action";
    private readonly PolicyOfTheDay policies = new() { Hash = Terms.Hash };

    [Fact]
    public async Task As_long_as_the_policy_is_the_same_nothing_is_judged_again()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        var id = await WaitingAsync(jobs);
        await LookAsync(jobs, 1);
        Assert.Equal(id, (await jobs.NextCommandAsync()).JobId);
        Assert.Empty(policies.Judged);
    }

    [Fact]
    public async Task A_policy_that_refuses_by_now_fails_the_job_without_a_command_and_frees_its_place()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        var id = await WaitingAsync(jobs);
        (policies.Hash, policies.Says) = ("sha256:new", Says() with { Refusal = new Refusal { Kind = RefusalKinds.PolicyDenied, Rule = Rule, Reason = "no more starts", PolicyHash = "sha256:new" } });

        await LookAsync(jobs, 1);
        await InStateAsync(jobs, id, nameof(JobLifecycle.Failed));

        var job = await jobs.JobAsync(id);
        Assert.Equal((FailureKinds.PolicyDenied, Rule, "no more starts", 0, null), (job.FailureKind, job.FailureRule, job.FailureMessage, job.Attempt, job.ReleasedAtMs));
        Assert.Equal("sha256:new", (await jobs.Reader.FindAsync(EmbeddedJobs.Alice, id, null, CancellationToken.None))?.Failure?.PolicyHash);
        Assert.False(jobs.Commands.Reader.TryRead(out _));
        var call = Assert.Single(policies.Judged);
        Assert.Equal((new StoredGrant("staff", "acme", "alice"), "claude_request_async", """{"model":"opus","prompt":"Say hello","idempotencyKey":"k"}"""), (call.Grant, call.Tool, call.ArgumentsJson));
        var record = await jobs.ReadAsync(db => db.Audit.Where(a => a.Method == "job/release").SingleAsync());
        Assert.Equal(("denied", id), (record.Decision, record.JobId));
        Assert.Contains("\"secondLook\":true", record.Record, StringComparison.Ordinal);
        Assert.Equal(1, await jobs.ReadAsync(db => db.Counters.CountAsync()));
    }

    [Fact]
    public async Task A_revoked_grant_fails_the_job_and_a_policy_that_lets_it_pass_releases_it()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        var revoked = await WaitingAsync(jobs);
        (policies.Hash, policies.Says) = ("sha256:new", null);
        await LookAsync(jobs, 1);
        await InStateAsync(jobs, revoked, nameof(JobLifecycle.Failed));
        Assert.Equal("(no policy)", (await jobs.JobAsync(revoked)).FailureRule);

        policies.Says = Says() with { Approval = new ApprovalTerms(ApprovalMode.Job, TimeSpan.FromHours(1), "asks by now", Rule) };
        var allowed = await WaitingAsync(jobs, "k2");
        await LookAsync(jobs, 1);
        Assert.Equal(allowed, (await jobs.NextCommandAsync()).JobId);
    }

    [Fact]
    public async Task Consent_under_another_rule_is_none_the_job_waits_for_a_new_decision()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        var job = await HeldJobs.PutAsync(jobs, jobs.Clock.GetUtcNow().AddHours(1));
        policies.Hash = "h";
        await jobs.Get<ApprovalDesk>().DecideAsync(Decider.Operator(1), job.ApprovalId!.Value, approve: true, null, CancellationToken.None);
        await InStateAsync(jobs, job.CorrelationId, nameof(JobLifecycle.Queued));
        (policies.Hash, policies.Says) = ("h2", new Judgement { Policy = "p", PolicyHash = "h2", RuleHash = "h2", Approval = new ApprovalTerms(ApprovalMode.Job, TimeSpan.FromHours(1), "once more", Rule) });

        await LookAsync(jobs, 1);
        await InStateAsync(jobs, job.CorrelationId, nameof(JobLifecycle.AwaitingApproval));

        Assert.False(jobs.Commands.Reader.TryRead(out _));
        var after = await jobs.JobAsync(job.CorrelationId);
        Assert.NotEqual(job.ApprovalId, after.ApprovalId);
        Assert.Equal([ApprovalStatus.Void, ApprovalStatus.Pending], await jobs.ReadAsync(db => db.Approvals.OrderBy(a => a.CreatedAtMs).Select(a => a.Status).ToListAsync()));
        Assert.IsType<DecisionOutcome.Decided>(await jobs.Get<ApprovalDesk>().DecideAsync(Decider.Operator(1), after.ApprovalId!.Value, approve: true, null, CancellationToken.None));
        await InStateAsync(jobs, job.CorrelationId, nameof(JobLifecycle.Queued));
        await LookAsync(jobs, 1);
        Assert.Equal(job.CorrelationId, (await jobs.NextCommandAsync()).JobId);
    }

    [Fact]
    public async Task What_cannot_be_judged_now_stays_where_it_is_and_is_looked_at_again()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        var id = await WaitingAsync(jobs);
        (policies.Hash, policies.Says) = ("sha256:new", Says() with { Refusal = new Refusal { Kind = RefusalKinds.PolicyUnavailable, Rule = "(policy unavailable)", Reason = "r" } });
        await LookAsync(jobs, 0);
        Assert.Equal((nameof(JobLifecycle.Queued), null), ((await jobs.JobAsync(id)).CurrentState, (await jobs.JobAsync(id)).ReleasedAtMs));

        policies.Says = Says();
        await LookAsync(jobs, 1);
        Assert.Equal(id, (await jobs.NextCommandAsync()).JobId);
    }

    [Fact]
    public async Task A_job_that_was_canceled_while_its_refusal_was_under_way_stays_canceled()
    {
        using var store = databases.NewStore();
        await using var jobs = await StartAsync(store);
        var id = await WaitingAsync(jobs);
        await jobs.AskAsync<RequestCancellation, CancellationAnswer>(EndpointNames.JobLifecycle, new RequestCancellation { JobId = id });
        await jobs.DeliverAsync(EndpointNames.JobLifecycle, new Contracts.Events.ReleaseRefused { JobId = id, Attempt = 1, Failure = new PolicyFailure { Kind = FailureKinds.PolicyDenied, Rule = Rule, Reason = "r" } });
        Assert.Equal(nameof(JobLifecycle.Canceled), (await jobs.JobAsync(id)).CurrentState);
    }

    private static Judgement Says() => new() { Policy = "team", PolicyHash = "sha256:new", RuleHash = "sha256:newrule" };

    // No place for a direct release, and a dispatcher that looks when it is told to alone: its timer stands in a clock that stands.
    private Task<EmbeddedJobs> StartAsync(ITestStore store) => new EmbeddedJobs(
        store,
        new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero)),
        configure: services => services.AddSingleton<IPolicyInForce>(policies)).StartAsync();

    private static async Task<Guid> WaitingAsync(EmbeddedJobs jobs, string key = "k")
    {
        // As a job waits whose direct release was not to be had.
        jobs.Get<DirectReleases>().Set([], []);
        var accepted = Assert.IsType<Gateway.Jobs.Admission.SubmitOutcome.Accepted>(await jobs.Admission.SubmitAsync(EmbeddedJobs.Alice, EmbeddedJobs.Request(key: key), Terms.Of(Terms.Limit(5)), CancellationToken.None));
        Assert.True(JobIdText.TryParse(accepted.Job.Id, out var id));
        Assert.Null((await jobs.JobAsync(id)).ReleasedAtMs);
        return id;
    }

    // The bell may have been rung by a change before: whoever looked first, the look has been had.
    private static async Task LookAsync(EmbeddedJobs jobs, int released)
    {
        var sent = await jobs.Get<Dispatcher>().LookAsync(CancellationToken.None);
        Assert.InRange(sent, 0, released);
    }

    private static Task InStateAsync(EmbeddedJobs jobs, Guid id, string state) =>
        EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(id)).CurrentState == state, $"the job is not {state}");
}

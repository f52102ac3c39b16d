using Gateway.ConformanceTests.Support;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Reading;
using Gateway.Policies.Approvals;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Limits;
using Gateway.SagaPersistence.Outbox;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.ConformanceTests.Jobs;

public sealed class HeldCallSpecsOnSqlite() : HeldCallSpecs(Databases.Sqlite);

public sealed class HeldCallSpecsOnPostgreSql() : HeldCallSpecs(Databases.PostgreSql);

/// <summary>Calls about which a rule wants a person to be asked.</summary>
public abstract class HeldCallSpecs(Databases databases)
{
    private static readonly Decider Carol = Decider.Of(new Caller("acme", "carol"));
    private static readonly DateTimeOffset Start = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_held_call_is_accepted_as_a_job_that_waits_with_its_request_and_counters_and_without_a_command()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();

        var accepted = Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(jobs, Held(ApprovalMode.Job, Terms.Limit(5)), EmbeddedJobs.Request("the prompt", "k")));

        Assert.Equal((JobStatus.AwaitingApproval, accepted.Approval!.Id, "waiting"), (accepted.Job.Status, accepted.Job.ApprovalId, accepted.Job.Progress!.Phase));
        Assert.Equal("a person has to agree", accepted.Approval.Reason);
        Assert.Equal(0, await jobs.ReadAsync(db => db.Set<OutboxRow>().CountAsync()));
        Assert.Equal(1_000_000, await jobs.ReadAsync(db => db.Counters.Select(c => c.UsedMicros).SingleAsync()));
        var record = Assert.Single((await jobs.Get<ApprovalDesk>().ListAsync(new ApprovalFilter { Tenant = "acme" }, CancellationToken.None)).Page);
        Assert.Equal((accepted.Approval.Id, accepted.Approval.ExpiresAt), (ApprovalIdText.Format(record.Id), record.ExpiresAt));
        Assert.Equal(("the prompt", "claude", "staff", ApprovalModes.Job), (record.PromptPreview, record.Cli, record.GrantLabel, record.Mode));
        Assert.Equal(["idempotencyKey", "model", "prompt"], record.ArgumentNames);
        Assert.DoesNotContain("prompt", record.PromptHash!, StringComparison.Ordinal);
        Assert.Equal(["approval/requested held", "tools/call held"], await RecordsAsync(jobs));
        Assert.Equal(["The job was accepted.", "The job waits for the approval of a person."], await jobs.ReadAsync(db => db.Events.OrderBy(e => e.Seq).Select(e => e.Message).ToListAsync()));

        // The same key again: the same job, what it waits for, and nothing counted.
        var again = Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(jobs, Held(ApprovalMode.Job, Terms.Limit(5)), EmbeddedJobs.Request("the prompt", "k")));
        Assert.Equal((accepted.Job.Id, true, accepted.Approval), (again.Job.Id, again.Job.Deduped, again.Approval));
        Assert.Equal(1_000_000, await jobs.ReadAsync(db => db.Counters.Select(c => c.UsedMicros).SingleAsync()));

        Assert.IsType<DecisionOutcome.Decided>(await jobs.Get<ApprovalDesk>().DecideAsync(Carol, record.Id, approve: true, null, CancellationToken.None));
        Assert.Equal(accepted.Job.Id, JobIdText.Format((await jobs.NextCommandAsync()).JobId));
        Assert.Equal("approval/decided allowed", (await RecordsAsync(jobs)).Single(text => text.StartsWith("approval/decided", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_caller_adds_a_question_to_its_own_run_where_the_policy_asks_nobody_and_the_policy_s_question_stands()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store).StartAsync();
        var request = EmbeddedJobs.Request() with { CallerAsks = true };

        var own = Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(jobs, Terms.With([], []), request));
        var policys = Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(jobs, Held(ApprovalMode.Job), request));

        Assert.Equal((JobStatus.AwaitingApproval, "the caller asked for a person's approval"), (own.Job.Status, own.Approval!.Reason));
        Assert.Equal((JobStatus.AwaitingApproval, "a person has to agree"), (policys.Job.Status, policys.Approval!.Reason));
        var asked = (await jobs.Get<ApprovalDesk>().ListAsync(new ApprovalFilter { Tenant = "acme" }, CancellationToken.None)).Page.Single(record => record.Rule == CallerQuestion.Rule);
        Assert.IsType<DecisionOutcome.Decided>(await jobs.Get<ApprovalDesk>().DecideAsync(Carol, asked.Id, approve: true, null, CancellationToken.None));
        var command = await jobs.NextCommandAsync();
        Assert.Equal(own.Job.Id, JobIdText.Format(command.JobId));
        Assert.True((await jobs.Get<IApprovalStore>().FindCallAsync(command.JobId, CancellationToken.None))!.CallerAsks);
    }

    [Fact]
    public async Task A_held_job_counts_against_the_ceiling_of_waiting_jobs()
    {
        using var store = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(store, worker: false, settings: ("Jobs:MaxQueued", "1")).StartAsync();
        Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(jobs, Held(ApprovalMode.Job)));
        Assert.IsType<SubmitOutcome.QueueFull>(await SubmitAsync(jobs, Terms.Of(Terms.Limit(5))));
        Assert.Equal(1, await jobs.ReadAsync(db => db.Approvals.CountAsync()));
    }

    [Fact]
    public async Task A_repeat_has_one_request_passes_exactly_once_after_consent_and_is_then_asked_about_anew()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store);
        var terms = Held(ApprovalMode.Repeat, Terms.Limit(5));

        var asked = await both.AllAtOnceAsync(8, (jobs, _) => SubmitAsync(jobs, terms));
        var id = Assert.Single(asked.Select(outcome => Refused(outcome, RefusalKinds.ApprovalRequired).ApprovalId).Distinct())!.Value;
        Assert.Equal((0, 0), await both.First.ReadAsync(async db => (await db.Counters.CountAsync(), await db.Jobs.CountAsync())));
        Assert.IsType<DecisionOutcome.Decided>(await both.First.Get<ApprovalDesk>().DecideAsync(Carol, id, approve: true, null, CancellationToken.None));

        var outcomes = await both.AllAtOnceAsync(8, (jobs, _) => SubmitAsync(jobs, terms));

        Assert.Equal(JobStatus.Queued, Assert.Single(outcomes.OfType<SubmitOutcome.Accepted>()).Job.Status);
        var next = Assert.Single(outcomes.OfType<SubmitOutcome.Refused>().Select(refused => Refused(refused, RefusalKinds.ApprovalRequired).ApprovalId).Distinct());
        Assert.NotNull(next);
        Assert.NotEqual(id, next);
        Assert.Equal((1_000_000, 1), await both.First.ReadAsync(async db => ((int)await db.Counters.Select(c => c.UsedMicros).SingleAsync(), await db.Jobs.CountAsync())));
    }

    [Fact]
    public async Task A_consent_whose_call_was_rolled_back_is_there_for_the_next_one()
    {
        using var store = databases.NewStore();
        var clock = new FakeTimeProvider(Start);
        await using var jobs = await new EmbeddedJobs(store, clock, worker: false).StartAsync();
        var terms = Held(ApprovalMode.Repeat, Terms.Limit(1));
        Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(jobs, Terms.Of(Terms.Limit(1))));
        await ConsentAsync(jobs, Refused(await SubmitAsync(jobs, terms), RefusalKinds.ApprovalRequired));

        Refused(await SubmitAsync(jobs, terms), RefusalKinds.RateLimited);
        Assert.Equal(1, await jobs.ReadAsync(db => db.Approvals.CountAsync(a => a.Status == ApprovalStatus.Approved && a.UsedAtMs == null)));
        clock.SetUtcNow(Start.AddMinutes(2));

        Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(jobs, terms));
        Assert.Equal(1, await jobs.ReadAsync(db => db.Approvals.CountAsync(a => a.UsedAtMs != null)));
    }

    [Fact]
    public async Task Consent_is_for_the_same_call_under_the_same_rule_alone_and_does_not_outlast_the_request()
    {
        using var store = databases.NewStore();
        var clock = new FakeTimeProvider(Start);
        await using var jobs = await new EmbeddedJobs(store, clock, worker: false).StartAsync();
        var terms = Held(ApprovalMode.Repeat);
        await ConsentAsync(jobs, Refused(await SubmitAsync(jobs, terms), RefusalKinds.ApprovalRequired));

        Refused(await SubmitAsync(jobs, terms, EmbeddedJobs.Request("another prompt")), RefusalKinds.ApprovalRequired);
        Refused(await SubmitAsync(jobs, terms, EmbeddedJobs.Request() with { ArgumentsJson = "{}" }), RefusalKinds.ApprovalRequired);
        Refused(await SubmitAsync(jobs, terms, EmbeddedJobs.Request() with { WorkingDirectory = "/srv/elsewhere" }), RefusalKinds.ApprovalRequired);
        Refused(await SubmitAsync(jobs, terms, caller: EmbeddedJobs.Bob), RefusalKinds.ApprovalRequired);
        Refused(await SubmitAsync(jobs, terms with { Judgement = terms.Judgement! with { RuleHash = "sha256:other" } }), RefusalKinds.ApprovalRequired);
        clock.SetUtcNow(Start.AddHours(1));
        Refused(await SubmitAsync(jobs, terms), RefusalKinds.ApprovalRequired);
        Assert.Equal(0, await jobs.ReadAsync(db => db.Jobs.CountAsync()));
    }

    [Fact]
    public async Task After_a_no_the_caller_reads_the_comment_until_the_request_has_expired()
    {
        using var store = databases.NewStore();
        var clock = new FakeTimeProvider(Start);
        await using var jobs = await new EmbeddedJobs(store, clock, worker: false).StartAsync();
        var terms = Held(ApprovalMode.Repeat);
        var id = Refused(await SubmitAsync(jobs, terms), RefusalKinds.ApprovalRequired).ApprovalId!.Value;
        await jobs.Get<ApprovalDesk>().DecideAsync(Carol, id, approve: false, "not today", CancellationToken.None);

        clock.SetUtcNow(Start.AddHours(1).AddMilliseconds(-1));
        var no = Refused(await SubmitAsync(jobs, terms), RefusalKinds.ApprovalRejected);
        Assert.Equal((id, "not today", false), (no.ApprovalId, no.Reason, no.IsRetryable));
        clock.SetUtcNow(Start.AddHours(1));
        Assert.NotEqual(id, Refused(await SubmitAsync(jobs, terms), RefusalKinds.ApprovalRequired).ApprovalId);
    }

    [Fact]
    public async Task A_grant_has_twenty_open_requests_at_most()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store);
        var outcomes = await both.AllAtOnceAsync(24, (jobs, i) => SubmitAsync(jobs, Held(ApprovalMode.Repeat), EmbeddedJobs.Request($"prompt {i}")));

        var refusals = outcomes.OfType<SubmitOutcome.Refused>().ToLookup(refused => refused.Why.Kind, refused => refused.Why);
        Assert.Equal((20, 4), (refusals[RefusalKinds.ApprovalRequired].Count(), refusals[RefusalKinds.QueueFull].Count()));
        Assert.All(refusals[RefusalKinds.QueueFull], full => Assert.Equal((20m, 0m), (full.Limit, full.Remaining)));
        Refused(await SubmitAsync(both.First, Held(ApprovalMode.Repeat), EmbeddedJobs.Request("prompt 0"), EmbeddedJobs.Bob), RefusalKinds.ApprovalRequired);
    }

    [Fact]
    public async Task A_tool_that_makes_no_job_passes_once_after_consent_too()
    {
        using var store = databases.NewStore();
        await using var both = await TwoProcesses.StartAsync(databases, store);
        var held = Held(ApprovalMode.Repeat);
        using var arguments = System.Text.Json.JsonDocument.Parse("""{"jobId":"job_1","reason":"r"}""");
        var terms = held with { Request = both.First.Get<ApprovalRequests>().OfCall(EmbeddedJobs.Alice, held, "llm_job_cancel", arguments.RootElement) };

        var asked = await CountAsync(both.First, terms);
        Assert.Equal(RefusalKinds.ApprovalRequired, asked!.Kind);
        await ConsentAsync(both.First, asked);
        var answers = await both.AllAtOnceAsync(6, (jobs, _) => CountAsync(jobs, terms));

        Assert.Single(answers, answer => answer is null);
        Assert.Equal(5, answers.Count(answer => answer?.Kind == RefusalKinds.ApprovalRequired && answer.ApprovalId is { } next && next != asked.ApprovalId));
    }

    internal static AdmissionTerms Held(ApprovalMode mode, params CounterLimit[] limits)
    {
        var terms = Terms.With(limits, []);
        return terms with { Judgement = terms.Judgement! with { Approval = new ApprovalTerms(mode, TimeSpan.FromHours(1), "a person has to agree", $"/tools/{Terms.Tool}/approval") } };
    }

    private static Task<SubmitOutcome> SubmitAsync(EmbeddedJobs jobs, AdmissionTerms terms, RunRequest? request = null, Caller? caller = null) =>
        jobs.Admission.SubmitAsync(caller ?? EmbeddedJobs.Alice, request ?? EmbeddedJobs.Request(), terms, CancellationToken.None);

    private static Task<Refusal?> CountAsync(EmbeddedJobs jobs, AdmissionTerms terms) => jobs.Get<IPolicyLedger>().CountAsync(EmbeddedJobs.Alice, terms, CancellationToken.None);

    private static Refusal Refused(SubmitOutcome outcome, string kind)
    {
        var why = Assert.IsType<SubmitOutcome.Refused>(outcome).Why;
        Assert.Equal(kind, why.Kind);
        return why;
    }

    private static async Task ConsentAsync(EmbeddedJobs jobs, Refusal asked) =>
        Assert.IsType<DecisionOutcome.Decided>(await jobs.Get<ApprovalDesk>().DecideAsync(Carol, asked.ApprovalId!.Value, approve: true, null, CancellationToken.None));

    private static Task<List<string>> RecordsAsync(EmbeddedJobs jobs) => jobs.ReadAsync(db => db.Audit.Select(a => a.Method + " " + a.Decision).OrderBy(text => text).ToListAsync());
}

using System.Text.Json;
using Gateway.Api.Mcp.Catalogue;
using Gateway.Api.Mcp.Claude;
using Gateway.Api.Mcp.Servers;
using Gateway.Api.Mcp.Starters;
using Gateway.Api.Policies;
using Gateway.Contracts.Values;
using Gateway.Hosting.Settings;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Lifecycle;
using Gateway.Policies;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Grants;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>What waits is bound to the policy files of today: real files, edited while jobs wait.</summary>
public sealed class PoliciesInForceSpecs : IDisposable
{
    private const string Tool = "claude_request_async";
    private const string Asks = """{"version":"1","default":"deny","tools":{"claude_request_async":{"approval":{"reason":"first"}}}}""";
    private const string AsksOtherwise = """{"version":"1","default":"deny","tools":{"claude_request_async":{"approval":{"reason":"second"}}}}""";
    private const string AsksNobody = """{"version":"1","default":"deny","tools":{"claude_request_async":{}}}""";
    private const string Refuses = """{"version":"1","default":"deny","tools":{"claude_request_async":{"action":"deny","reason":"no more starts"}}}""";
    private const string AsksTheSame = """{"version":"1","default":"deny","tools":{"claude_request_async":{"approval":{"reason":"first"}},"llm_job_list":{}}}""";
    private static readonly Credential TheKey = new Credential.ApiKey("team", "acme");
    private static readonly StoredGrant Grant = new("team", "acme", "team");
    private static readonly Caller Owner = new("acme", "team");
    private static readonly Decider Carol = Decider.Of(new Caller("acme", "carol"));
    private readonly TestFolder store = new();
    private readonly string folder = Directory.CreateTempSubdirectory("gateway-policies-").FullName;
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));
    private readonly PolicyBook book;
    private readonly PoliciesInForce policies;

    public PoliciesInForceSpecs()
    {
        var models = new ModelCatalogue(Options.Create(new ModelsOptions()));
        var catalog = new ToolCatalog([new ClaudeStarter(Options.Create(new WorkspaceOptions()), Options.Create(new StarterOptions()), new McpServerRule(Options.Create(new RegisteredServersOptions())), models, clock).FactsOf("claude_request_async"), new ToolFacts("llm_job_list", false, true, new HashSet<string>())]);
        book = new PolicyBook(new PolicySource(Options.Create(new PolicyOptions()), Options.Create(new DataOptions { Folder = folder })), catalog, clock);
        policies = new PoliciesInForce(book, models, NullLogger<PoliciesInForce>.Instance);
        Write(Asks);
    }

    public void Dispose()
    {
        store.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void An_edit_of_another_tool_changes_the_policy_and_not_the_rule()
    {
        var policy = Policy();
        var rule = policy.RuleHashOf(Tool);
        Assert.True(policies.IsInForce(Grant, policy.Hash));

        Edit(AsksTheSame);
        Assert.Equal((false, true), (policies.IsInForce(Grant, policy.Hash), policies.IsRuleInForce(Grant, Tool, rule)));
        Edit(AsksOtherwise);
        Assert.Equal((false, false), (policies.IsInForce(Grant, policy.Hash), policies.IsRuleInForce(Grant, Tool, rule)));
        Edit(Asks);
        Assert.Equal((true, true), (policies.IsInForce(Grant, policy.Hash), policies.IsRuleInForce(Grant, Tool, rule)));
    }

    [Fact]
    public void A_grant_that_is_gone_or_anothers_or_without_a_policy_judges_nothing()
    {
        var hash = Policy().Hash;
        var call = new StoredCall(Grant, Tool, """{"prompt":"x"}""", null);
        Assert.NotNull(policies.JudgeAgain(call));
        Assert.Null(policies.JudgeAgain(call with { Grant = Grant with { Label = "other", Value = "other" } }));

        File.Move(PathOf("team.json"), PathOf("another.json"));
        Assert.NotNull(book.Reload());
        Assert.Null(policies.JudgeAgain(call));
        Assert.Equal((false, false), (policies.IsInForce(Grant, hash), policies.IsRuleInForce(Grant, Tool, hash)));

        File.WriteAllText(PathOf("grants.json"), """{"version":"1","policies":{"a":"another.json"},"grants":[{"label":"team","tenant":"acme","match":{"api_key":"team"}}]}""");
        Assert.NotNull(book.Reload());
        Assert.Null(policies.JudgeAgain(call));
    }

    [Fact]
    public void A_stored_call_is_judged_as_it_was_sent_with_both_spellings_of_a_bypass()
    {
        Edit("""{"version":"1","default":"deny","tools":{"claude_request_async":{"deny_if":[{"path":"args.permissionMode","op":"eq","value":"bypassPermissions"}]}}}""");

        Assert.Null(policies.JudgeAgain(new StoredCall(Grant, Tool, """{"prompt":"x"}""", null))!.Refusal);
        Assert.Equal(RefusalKinds.PolicyDenied, policies.JudgeAgain(new StoredCall(Grant, Tool, """{"dangerouslySkipPermissions":true,"prompt":"x"}""", null))!.Refusal!.Kind);
        Assert.Equal(RefusalKinds.PolicyUnavailable, policies.JudgeAgain(new StoredCall(Grant, Tool, "{", null))!.Refusal!.Kind);
    }

    [Fact]
    public void A_rule_about_a_model_is_met_by_its_alias_and_a_caller_s_own_question_outlives_an_edit_of_the_rule()
    {
        Edit("""{"version":"1","default":"deny","tools":{"claude_request_async":{"deny_if":[{"path":"args.model","op":"eq","value":"opus"}]}}}""");

        Assert.Equal(RefusalKinds.PolicyDenied, policies.JudgeAgain(new StoredCall(Grant, Tool, """{"model":"latest","prompt":"x"}""", null))!.Refusal!.Kind);
        Assert.Null(policies.JudgeAgain(new StoredCall(Grant, Tool, """{"model":"sonnet","prompt":"x"}""", null))!.Refusal);
        Assert.Equal(CallerQuestion.Rule, policies.JudgeAgain(new StoredCall(Grant, Tool, """{"prompt":"x"}""", null, CallerAsks: true))!.Approval!.Rule);
    }

    [Theory]
    [InlineData(AsksTheSame, true, nameof(JobLifecycle.Queued))]
    [InlineData(AsksOtherwise, false, nameof(JobLifecycle.AwaitingApproval))]
    [InlineData(AsksNobody, false, nameof(JobLifecycle.Queued))]
    [InlineData(Refuses, false, nameof(JobLifecycle.Failed))]
    public async Task Consent_counts_under_the_rule_that_asked_and_an_edit_before_it_has_the_call_judged_again(string edited, bool counts, string state)
    {
        await using var jobs = await StartAsync();
        var (jobId, approvalId) = await HeldAsync(jobs);
        Edit(edited);

        var outcome = await jobs.Get<ApprovalDesk>().DecideAsync(Carol, approvalId, approve: true, null, CancellationToken.None);

        Assert.Equal(counts, outcome is DecisionOutcome.Decided);
        var reason = state == nameof(JobLifecycle.AwaitingApproval) ? "second" : null;
        await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(jobId)).CurrentState == state && await OpenReasonAsync(jobs, jobId) == reason, $"the job is not {state}");
        Assert.Equal(!counts, await IsVoidAsync(jobs, approvalId));
        Assert.Equal(state == nameof(JobLifecycle.Failed) ? (FailureKinds.PolicyDenied, $"/tools/{Tool}/action", "no more starts") : (null, null, null), await FailureAsync(jobs, jobId));
    }

    [Theory]
    [InlineData(AsksTheSame, nameof(JobLifecycle.Queued))]
    [InlineData(AsksOtherwise, nameof(JobLifecycle.AwaitingApproval))]
    [InlineData(AsksNobody, nameof(JobLifecycle.Queued))]
    [InlineData(Refuses, nameof(JobLifecycle.Failed))]
    public async Task An_edit_between_consent_and_start_has_the_call_judged_again_when_it_is_its_turn(string edited, string state)
    {
        await using var jobs = await StartAsync();
        var (jobId, approvalId) = await HeldAsync(jobs);
        await jobs.ReadAsync(db => db.Jobs.Where(j => j.CorrelationId == jobId).ExecuteUpdateAsync(set => set.SetProperty(j => j.NotBeforeMs, clock.GetUtcNow().AddMinutes(1).ToUnixTimeMilliseconds())));
        Assert.IsType<DecisionOutcome.Decided>(await jobs.Get<ApprovalDesk>().DecideAsync(Carol, approvalId, approve: true, null, CancellationToken.None));
        Edit(edited);

        clock.Advance(TimeSpan.FromMinutes(2));
        await jobs.Get<Dispatcher>().LookAsync(CancellationToken.None);

        if (state == nameof(JobLifecycle.Queued))
        {
            Assert.Equal(jobId, (await jobs.NextCommandAsync()).JobId);
            return;
        }

        await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(jobId)).CurrentState == state, $"the job is not {state}");
        Assert.False(jobs.Commands.Reader.TryRead(out _));
        Assert.Equal(state == nameof(JobLifecycle.AwaitingApproval) ? "second" : null, await OpenReasonAsync(jobs, jobId));
    }

    private Policy Policy() => book.Find(TheKey)!.Policy!;

    private string PathOf(string name) => Path.Combine(folder, "policies", name);

    private void Write(string text)
    {
        Directory.CreateDirectory(Path.Combine(folder, "policies"));
        File.WriteAllText(PathOf("team.json"), text);
    }

    private void Edit(string text)
    {
        Write(text);
        Assert.NotNull(book.Reload());
    }

    private Task<EmbeddedJobs> StartAsync() => new EmbeddedJobs(store, clock, configure: services => services.AddSingleton<IPolicyInForce>(policies)).StartAsync();

    private async Task<(Guid JobId, Guid ApprovalId)> HeldAsync(EmbeddedJobs jobs)
    {
        var grant = book.Find(TheKey)!;
        var terms = new AdmissionTerms { GrantLabel = grant.Label, Judgement = PolicyEngine.Judge(new PolicyCall(grant, Tool, JsonElement.Parse("""{"model":"opus","prompt":"Say hello"}"""), null)) };
        var jobId = await jobs.SubmitAsync(caller: Owner, terms: terms);
        return (jobId, (await jobs.JobAsync(jobId)).ApprovalId!.Value);
    }

    private static Task<bool> IsVoidAsync(EmbeddedJobs jobs, Guid approvalId) =>
        jobs.ReadAsync(db => db.Approvals.AnyAsync(a => a.ApprovalId == approvalId && a.Status == ApprovalStatus.Void));

    private static Task<string?> OpenReasonAsync(EmbeddedJobs jobs, Guid jobId) =>
        jobs.ReadAsync(db => db.Approvals.Where(a => a.JobId == jobId && a.Status == ApprovalStatus.Pending).Select(a => a.Reason).SingleOrDefaultAsync());

    private static async Task<(string? Kind, string? Rule, string? Message)> FailureAsync(EmbeddedJobs jobs, Guid jobId)
    {
        var job = await jobs.JobAsync(jobId);
        return (job.FailureKind, job.FailureRule, job.FailureMessage);
    }
}

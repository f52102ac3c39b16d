using System.Text.Json;
using Gateway.Policies.Approvals;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Grants;
using Gateway.Policies.Limits;
using Xunit;
using static Gateway.Tests.Policies.Texts;

namespace Gateway.Tests.Policies;

/// <summary>What decides, in which order, and what the caller is told.</summary>
public sealed class JudgementSpecs
{
    private const string Order = """
        { "version": "1", "default": "deny", "hide": ["llm_job_list"],
          "tools": {
            "claude_request_async": {
              "require": [{ "path": "args.model", "op": "in", "value": ["haiku"] }, { "path": "args.model", "op": "in", "value": ["haiku", "opus"], "on_deny": "second" }, { "path": "args.maxTurns", "op": "lte", "value": 5 }],
              "deny_if": [{ "path": "args.prompt", "op": "contains", "value": "secret" }, { "path": "args.workingDir", "op": "not_under", "value": "/srv" }] },
            "llm_job_cancel": { "action": "deny", "reason": "frozen until Monday" },
            "llm_job_result": { "action": "deny" },
            "llm_job_list": { "action": "deny" } } }
        """;

    [Theory]
    [InlineData("llm_job_list", "(hidden)", "tool llm_job_list is hidden by policy")]
    [InlineData("llm_job_status", "(default deny)", "tool llm_job_status is not permitted by policy")]
    [InlineData("llm_job_cancel", "/tools/llm_job_cancel/action", "frozen until Monday")]
    [InlineData("llm_job_result", "/tools/llm_job_result/action", "tool llm_job_result is denied by policy")]
    public void A_tool_that_may_not_be_called_is_refused_with_rule_reason_and_hash(string tool, string rule, string reason)
    {
        var refusal = PolicyEngine.JudgeTool(Grant(Order), tool);

        Assert.Equal((RefusalKinds.PolicyDenied, rule, reason, Policy(Order).Hash), (refusal?.Kind, refusal?.Rule, refusal?.Reason, refusal?.PolicyHash));
        Assert.False(refusal?.IsRetryable);
        Assert.Equal(refusal, Judge(Order, "{}", tool).Refusal);
    }

    [Fact]
    public void Who_has_no_grant_or_no_policy_is_refused_whatever_it_calls_and_sees_no_tool()
    {
        var expected = new Refusal { Kind = RefusalKinds.PolicyDenied, Rule = "(no policy)", Reason = "no policy is bound to this grant" };
        var bare = new PolicyGrant("bare", "t1", "bare", null);

        Assert.Equal(expected, PolicyEngine.JudgeTool(null, Starter));
        Assert.Equal(expected, PolicyEngine.JudgeTool(bare, Starter));
        Assert.Equal(expected, PolicyEngine.Judge(new PolicyCall(bare, Starter, JsonElement.Parse("{}"), null)).Refusal);
        Assert.True(PolicyEngine.Hides(null, Starter));
        Assert.True(PolicyEngine.Hides(bare, Starter));
    }

    [Fact]
    public void Only_hide_takes_a_tool_out_of_the_list()
    {
        var grant = Grant(Order);

        Assert.Equal(["llm_job_list"], Tools.All.Select(t => t.Name).Where(tool => PolicyEngine.Hides(grant, tool)));
        Assert.All(Tools.All, tool => Assert.True(PolicyEngine.Hides(Grant("""{ "version": "1", "default": "allow", "hide": "*" }"""), tool.Name)));
        Assert.All(Tools.All, tool => Assert.True(PolicyEngine.Hides(Grant("""{ "version": "1", "default": "allow", "hide": ["x", "*"] }"""), tool.Name)));
    }

    [Theory]
    [InlineData("""{ "model": "sonnet", "prompt": "secret" }""", "/require/args.model-in", "requires args.model in [\"haiku\"]")]
    [InlineData("""{ "model": "haiku", "prompt": "secret" }""", "/require/args.maxTurns-lte", "requires args.maxTurns lte 5")]
    [InlineData("""{ "model": "haiku", "maxTurns": 5, "prompt": "my secret", "workingDir": "/etc" }""", "/deny_if/args.prompt-contains", "denied by args.prompt contains")]
    [InlineData("""{ "model": "haiku", "maxTurns": 5, "prompt": "x", "workingDir": "/etc" }""", "/deny_if/args.workingDir-not_under", "denied by args.workingDir not_under")]
    public void The_first_requirement_or_denial_of_the_file_ends_it(string arguments, string rule, string reason)
    {
        var refusal = Judge(Order, arguments).Refusal;

        Assert.Equal(($"/tools/{Starter}{rule}", reason), (refusal?.Rule, refusal?.Reason));
    }

    [Fact]
    public void A_second_predicate_with_the_same_path_and_operator_has_a_number_and_its_own_words()
    {
        var refusal = Judge(Rule("""{ "require": [{ "path": "args.model", "op": "regex", "value": "^h" }, { "path": "args.model", "op": "regex", "value": "u$", "on_deny": "ends with u" }], "deny_if": [{ "path": "args.model", "op": "regex", "value": "x" }] }"""), """{ "model": "haik" }""").Refusal;

        Assert.Equal(($"/tools/{Starter}/require/args.model-regex#2", "ends with u"), (refusal?.Rule, refusal?.Reason));
    }

    [Fact]
    public void A_path_is_told_in_its_plain_form() =>
        Assert.Equal("requires args.workingDir under /srv/a", Judge(Rule("""{ "require": [{ "path": "args.workingDir", "op": "under", "value": ["/srv//a/"] }] }"""), "{}").Refusal?.Reason);

    [Fact]
    public void What_cannot_be_judged_is_refused_and_worth_another_try()
    {
        // Nothing that the edge lets through; a defect would look the same.
        var refusal = PolicyEngine.Judge(Call(Order, "{}") with { Arguments = default }).Refusal;
        var torn = Judge(Rule("""{ "deny_if": [{ "path": "args.prompt", "op": "contains", "value": "x" }] }"""), """{ "prompt": "\ud800" }""");

        Assert.NotNull(refusal);
        Assert.NotNull(torn.Fault);
        Assert.Equal((RefusalKinds.PolicyUnavailable, "(policy unavailable)", "the policy could not be applied; nothing was started", 5), (torn.Refusal?.Kind, torn.Refusal?.Rule, torn.Refusal?.Reason, torn.Refusal?.RetryAfterSeconds));
        Assert.True(torn.Refusal?.IsRetryable);
    }

    [Theory]
    [InlineData("{}", "/tools/claude_request_async/limits/usd/increment_from", "args.maxBudgetUsd must be a number of at least 0")]
    [InlineData("""{ "maxBudgetUsd": null }""", "/tools/claude_request_async/limits/usd/increment_from", "args.maxBudgetUsd must be a number of at least 0")]
    [InlineData("""{ "maxBudgetUsd": "5" }""", "/tools/claude_request_async/limits/usd/increment_from", "args.maxBudgetUsd must be a number of at least 0")]
    [InlineData("""{ "maxBudgetUsd": -0.000001 }""", "/tools/claude_request_async/limits/usd/increment_from", "args.maxBudgetUsd must be a number of at least 0")]
    [InlineData("""{ "maxBudgetUsd": [1] }""", "/tools/claude_request_async/limits/usd/increment_from", "args.maxBudgetUsd must be a number of at least 0")]
    [InlineData("""{ "maxBudgetUsd": 20.5000001 }""", "/tools/claude_request_async/limits/usd", "args.maxBudgetUsd exceeds limit usd (20.5)")]
    [InlineData("""{ "maxBudgetUsd": 1e400 }""", "/tools/claude_request_async/limits/usd", "args.maxBudgetUsd exceeds limit usd (20.5)")]
    public void An_amount_that_cannot_be_counted_is_refused_without_a_time_to_wait(string arguments, string rule, string reason)
    {
        var refusal = Judge(Rule("""{ "limits": [{ "counter": "usd", "window": "day", "max": 20.5, "increment_from": "args.maxBudgetUsd" }] }"""), arguments).Refusal;

        Assert.Equal((RefusalKinds.PolicyDenied, rule, reason), (refusal?.Kind, refusal?.Rule, refusal?.Reason));
        Assert.Null(refusal?.RetryAfterSeconds);
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0.0", "0")]
    [InlineData("20.5", "20.5")]
    [InlineData("0.0000001", "0.000001")]
    [InlineData("1.0000010", "1.000001")]
    [InlineData("5.0000000000000000000000000000000001", "5.000001")]
    [InlineData("1e-300", "0.000001")]
    public void An_amount_has_six_places_and_is_rounded_up(string sent, string counted)
    {
        var limit = Assert.Single(Judge(Rule("""{ "limits": [{ "counter": "usd", "window": "day", "max": 20.5, "increment_from": "args.maxBudgetUsd" }] }"""), $$"""{ "maxBudgetUsd": {{sent}} }""").Limits);

        Assert.Equal(decimal.Parse(counted, null), limit.Amount);
        Assert.True(limit.IsCost);
    }

    [Fact]
    public void Limits_are_the_tools_and_then_those_of_all_tools_each_with_whom_it_counts()
    {
        var judgement = Judge(
            """
            { "version": "1", "default": "allow",
              "all_tools": { "limits": [{ "counter": "all", "window": 90, "max": 9, "scope": "global" }, { "kind": "running", "max": 8, "scope": "tenant" }] },
              "tools": { "claude_request_async": {
                "rate_limit": { "max": 2, "window": "hour" },
                "limits": [{ "counter": "s", "window": "day", "max": 3, "scope": "session" }, { "counter": "n", "window": 60, "max": 4, "scope": "tenant", "increment_from": "args.maxTurns" }, { "kind": "queued", "max": 5 }] } } }
            """,
            """{ "maxTurns": 3 }""");

        Assert.Equal(
            [
                ("claude_request_async", "claude_request_async_rate", LimitScope.Grant, "alice", 3600.0, 2m, 1m, "/tools/claude_request_async/limits/claude_request_async_rate"),
                ("claude_request_async", "s", LimitScope.Session, "5:alice:s1", 86400.0, 3m, 1m, "/tools/claude_request_async/limits/s"),
                ("claude_request_async", "n", LimitScope.Tenant, "t1", 60.0, 4m, 3m, "/tools/claude_request_async/limits/n"),
                ("all_tools", "all", LimitScope.Global, "", 90.0, 9m, 1m, "/all_tools/limits/all"),
            ],
            judgement.Limits.Select(l => (l.Tool, l.Counter, l.Scope, l.ScopeValue, l.Window.TotalSeconds, l.Max, l.Amount, l.Rule)));
        Assert.Equal(
            [
                new JobCap(JobCapKind.Queued, LimitScope.Grant, 5, Starter, "/tools/claude_request_async/limits/queued-grant"),
                new JobCap(JobCapKind.Running, LimitScope.Tenant, 8, null, "/all_tools/limits/running-tenant"),
            ],
            judgement.Caps);
        Assert.DoesNotContain(judgement.Limits, l => l.IsCost);
    }

    [Fact]
    public void Requests_without_a_session_share_one_bucket_of_their_grant_and_no_session_is_like_another()
    {
        var policy = Rule("""{ "limits": [{ "counter": "s", "window": "day", "max": 3, "scope": "session" }] }""");
        string Bucket(string? session, string grant = "alice") => Assert.Single(PolicyEngine.Judge(Call(policy, "{}", session: session) with { Grant = Grant(policy) with { Value = grant } }).Limits).ScopeValue;
        string[] different = [Bucket(null), Bucket(""), Bucket("s1"), Bucket("s2"), Bucket(null, "bob"), Bucket("s1", "bob"), Bucket("e:s1", "alic"), Bucket(null, "5:alice:s1")];

        Assert.Equal(Bucket(null), Bucket(null));
        Assert.Equal(different.Length, different.Distinct().Count());
    }

    [Theory]
    [InlineData("{}", 3600, "tool claude_request_async needs approval", ApprovalMode.Job)]
    [InlineData("""{ "timeout": "30m", "reason": "ask me" }""", 1800, "ask me", ApprovalMode.Job)]
    [InlineData("""{ "timeout": "4h", "mode": "repeat" }""", 14400, "tool claude_request_async needs approval", ApprovalMode.Repeat)]
    [InlineData("""{ "timeout": "7d", "mode": "job" }""", 604800, "tool claude_request_async needs approval", ApprovalMode.Job)]
    [InlineData("""{ "timeout": 60 }""", 60, "tool claude_request_async needs approval", ApprovalMode.Job)]
    public void Consent_is_asked_on_the_terms_of_the_file(string approval, int seconds, string reason, ApprovalMode mode) =>
        Assert.Equal(new ApprovalTerms(mode, TimeSpan.FromSeconds(seconds), reason, $"/tools/{Starter}/approval"), Judge(Rule($$"""{ "approval": {{approval}} }"""), "{}").Approval);

    [Fact]
    public void A_tool_that_starts_nothing_is_asked_about_by_repeating()
    {
        var policy = """{ "version": "1", "default": "deny", "tools": { "llm_job_cancel": { "approval": {} } } }""";

        Assert.Equal(ApprovalMode.Repeat, Judge(policy, "{}", "llm_job_cancel").Approval?.Mode);
    }

    [Fact]
    public void Nobody_is_asked_where_no_sentence_of_required_if_holds() =>
        Assert.Null(Judge(Rule("""{ "approval": { "required_if": [] } }"""), "{}").Approval);
}

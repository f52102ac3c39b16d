using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Api.Startup;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>What is said of a call that nobody makes, by the steps of a real one.</summary>
public sealed class PolicyExplainerSpecs
{
    private const string Starter = "claude_request_async";

    [Theory]
    [InlineData("{}", """{"jobId":"x"}""", "(default deny)")]
    [InlineData("""{"llm_job_status":{"action":"deny"}}""", """{"jobId":"x"}""", "/tools/llm_job_status/action")]
    [InlineData("""{"llm_job_status":{"require":[{"path":"args.waitMs","op":"lt","value":5}]}}""", """{"jobId":"x","waitMs":5}""", "/tools/llm_job_status/require/args.waitMs-lt")]
    public async Task A_refusal_names_its_rule(string tools, string arguments, string rule)
    {
        var said = await ExplainAsync(tools, "llm_job_status", arguments);

        Assert.Equal(("denied", "policy_denied", rule), (Text(said, "decision"), Text(said, "kind"), Text(said, "rule")));
        Assert.Null(said?["counters"]);
    }

    [Fact]
    public async Task Either_spelling_of_a_bypass_meets_a_rule_on_the_other()
    {
        var said = await ExplainAsync($$$$"""{"{{{{Starter}}}}":{"deny_if":[{"path":"args.permissionMode","op":"eq","value":"bypassPermissions"}]}}""", Starter, """{"prompt":"x","dangerouslySkipPermissions":true}""");

        Assert.Equal($"/tools/{Starter}/deny_if/args.permissionMode-eq", Text(said, "rule"));
    }

    [Fact]
    public async Task What_does_not_fit_the_tool_is_told_before_its_rules_are_asked()
    {
        var said = await ExplainAsync($$$$"""{"{{{{Starter}}}}":{"require":[{"path":"args.model","op":"eq","value":"haiku"}]}}""", Starter, """{"promt":"x","maxTurns":0}""");

        Assert.Equal(("denied", "invalid_input"), (Text(said, "decision"), Text(said, "kind")));
        Assert.Equal(["maxTurns", "prompt", "promt"], said?["faults"]?.AsArray().Select(fault => fault?["field"]?.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Limits_are_told_with_what_the_call_would_add()
    {
        var said = await ExplainAsync(
            $$$$"""{"{{{{Starter}}}}":{"limits":[{"counter":"starts","window":"minute","max":10},{"counter":"usd","window":"day","max":40,"scope":"tenant","increment_from":"args.maxBudgetUsd"},{"kind":"queued","max":20},{"kind":"running","max":3}]}}""",
            Starter,
            """{"prompt":"x","maxBudgetUsd":2.5}""");

        Assert.Equal("allowed", Text(said, "decision"));
        Assert.Equal(["/starts 1 10", "/usd 2.5 40"], said?["counters"]?.AsArray().Select(one => $"{one?["rule"]?.ToString().Split("/limits")[1]} {one?["amount"]} {one?["remaining"]}"));
        Assert.Equal(["queued 20 ", "running 3 "], said?["caps"]?.AsArray().Select(one => $"{one?["kind"]} {one?["max"]} {one?["jobs"]}"));
        Assert.False(said?["live"]?.GetValue<bool>());
    }

    [Fact]
    public async Task A_tool_that_does_not_exist_is_none() => Assert.Null(await ExplainAsync("{}", "claude", "{}"));

    private static Task<JsonObject?> ExplainAsync(string tools, string tool, string arguments) => ApiTools.ExplainAsync(
        TestPolicies.Of($$"""{"version":"1","default":"deny","tools":{{tools}} }""", ApiTools.Catalog().All), "local", tool, JsonElement.Parse(arguments), TestContext.Current.CancellationToken);

    private static string? Text(JsonObject? said, string name) => said?[name]?.ToString();
}

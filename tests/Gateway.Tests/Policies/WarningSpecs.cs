using Xunit;
using static Gateway.Tests.Policies.Texts;

namespace Gateway.Tests.Policies;

/// <summary>What loads, and is hardly what its author meant.</summary>
public sealed class WarningSpecs
{
    private const string Star = $"/tools/{Starter}";

    [Theory]
    [InlineData("W01", "/tools/claude_request", "Did you mean claude_request_async?", """{ "version": "1", "default": "deny", "tools": { "claude_request": {} } }""")]
    [InlineData("W01", "/hide", "no tool x", """{ "version": "1", "default": "deny", "hide": ["x"] }""")]
    [InlineData("W02", "/tools/llm_job_list", "hidden", """{ "version": "1", "default": "deny", "hide": ["llm_job_list"], "tools": { "llm_job_list": {} } }""")]
    [InlineData("W02", "/tools/llm_job_list", "hidden", """{ "version": "1", "default": "deny", "hide": "*", "tools": { "llm_job_list": {} } }""")]
    [InlineData("W02", "/tools/llm_job_list", "denied", """{ "version": "1", "default": "deny", "tools": { "llm_job_list": { "action": "deny", "rate_limit": { "max": 1, "window": "day" } } } }""")]
    [InlineData("W02", "/tools/llm_job_list/reason", "reason", """{ "version": "1", "default": "deny", "tools": { "llm_job_list": { "reason": "x" } } }""")]
    [InlineData("W02", "/tools/llm_job_list/limits", "starts no jobs", """{ "version": "1", "default": "deny", "tools": { "llm_job_list": { "limits": [{ "kind": "queued", "max": 1 }] } } }""")]
    [InlineData("W03", "/tools", "follow or collect", """{ "version": "1", "default": "deny", "tools": { "claude_request_async": {} } }""")]
    [InlineData("W03", "/tools", "not llm_job_result", """{ "version": "1", "default": "allow", "hide": ["llm_job_result"], "all_tools": { "limits": [{ "counter": "c", "window": "day", "max": 1 }] } }""")]
    [InlineData("W03", "/tools", "not llm_job_status", """{ "version": "1", "default": "deny", "tools": { "claude_request_async": {}, "llm_job_result": {}, "llm_job_status": { "action": "deny" } } }""")]
    [InlineData("W06", "/default", "claude_request_async", """{ "version": "1", "default": "allow" }""")]
    public void A_policy_is_warned_of(string code, string pointer, string words, string policy) => Warns(policy, code, pointer, words);

    [Theory]
    [InlineData("W04", "/require/args.modell-eq", "Did you mean args.model?", """{ "require": [{ "path": "args.modell", "op": "eq", "value": 1 }] }""")]
    [InlineData("W04", "/deny_if/args.x-eq", "no argument x", """{ "deny_if": [{ "path": "args.x", "op": "eq", "value": 1 }] }""")]
    [InlineData("W04", "/approval/required_if/args.x-eq", "no argument x", """{ "approval": { "required_if": [{ "path": "args.x", "op": "eq", "value": 1 }] } }""")]
    [InlineData("W04", "/deny_if/args.model-eq", "null counts as absent", """{ "deny_if": [{ "path": "args.model", "op": "eq", "value": null }] }""")]
    [InlineData("W04", "/require/args.maxTurns-lt", "exclude each other", """{ "require": [{ "path": "args.maxTurns", "op": "gte", "value": 5 }, { "path": "args.maxTurns", "op": "lt", "value": 5 }] }""")]
    [InlineData("W04", "/require/args.model-in#2", "exclude each other", """{ "require": [{ "path": "args.model", "op": "in", "value": ["a"] }, { "path": "args.model", "op": "in", "value": ["b", "c"] }] }""")]
    [InlineData("W04", "/require/args.model-neq", "exclude each other", """{ "require": [{ "path": "args.model", "op": "eq", "value": "a" }, { "path": "args.model", "op": "neq", "value": "a" }] }""")]
    [InlineData("W04", "/require/args.maxTurns-gt", "exclude each other", """{ "require": [{ "path": "args.maxTurns", "op": "in", "value": [1, 2] }, { "path": "args.maxTurns", "op": "gt", "value": 2 }] }""")]
    [InlineData("W04", "/require/args.model-eq", "exclude each other", """{ "require": [{ "path": "args.model", "op": "exists", "value": false }, { "path": "args.model", "op": "eq", "value": "a" }] }""")]
    [InlineData("W04", "/require/args.workingDir-under#2", "exclude each other", """{ "require": [{ "path": "args.workingDir", "op": "under", "value": "/srv/a" }, { "path": "args.workingDir", "op": "under", "value": "/srv/b" }] }""")]
    [InlineData("W04", "/require/args.workingDir-not_under", "exclude each other", """{ "require": [{ "path": "args.workingDir", "op": "under", "value": "/srv/a" }, { "path": "args.workingDir", "op": "not_under", "value": "/srv" }] }""")]
    [InlineData("W04", "/require/args.model-in", "deny_if refuses every value", """{ "require": [{ "path": "args.model", "op": "in", "value": ["a", "b"] }], "deny_if": [{ "path": "args.model", "op": "regex", "value": "^[ab]$" }] }""")]
    [InlineData("W05", "/limits/minute", "/limits/hour", """{ "limits": [{ "counter": "minute", "window": "minute", "max": 10 }, { "counter": "hour", "window": "hour", "max": 10 }] }""")]
    [InlineData("W05", "/limits/hour", "/limits/minute", """{ "limits": [{ "counter": "minute", "window": "minute", "max": 10 }, { "counter": "hour", "window": "hour", "max": 600 }] }""")]
    [InlineData("W05", "/limits/two", "/limits/one", """{ "limits": [{ "counter": "one", "window": 60, "max": 10 }, { "counter": "two", "window": "minute", "max": 10 }] }""")]
    [InlineData("W07", "/limits/c", "as many sessions", """{ "limits": [{ "counter": "c", "window": "day", "max": 1, "scope": "session" }] }""")]
    [InlineData("W08", "/require/args.model-regex", "longer text", """{ "require": [{ "path": "args.model", "op": "regex", "value": "haiku" }] }""")]
    [InlineData("W08", "/require/args.model-regex", "longer text", """{ "require": [{ "path": "args.model", "op": "regex", "value": "^haiku|sonnet$" }] }""")]
    [InlineData("W08", "/require/args.model-regex", "longer text", """{ "require": [{ "path": "args.model", "op": "regex", "value": "^haiku\\$" }] }""")]
    public void A_rule_is_warned_of(string code, string pointer, string words, string rule) => Warns(Rule(rule), code, Star + pointer, words);

    [Theory]
    [InlineData("""{ "require": [{ "path": "args.maxTurns", "op": "gte", "value": 5 }, { "path": "args.maxTurns", "op": "lte", "value": 5 }] }""")]
    [InlineData("""{ "require": [{ "path": "args.workingDir", "op": "under", "value": ["/srv/a", "/srv/b"] }, { "path": "args.workingDir", "op": "under", "value": "/srv/b/c" }] }""")]
    [InlineData("""{ "require": [{ "path": "args.model", "op": "regex", "value": "^(haiku|sonnet)$" }], "deny_if": [{ "path": "args.allowedTools", "op": "regex", "value": "Bash" }] }""")]
    [InlineData("""{ "limits": [{ "counter": "minute", "window": "minute", "max": 10 }, { "counter": "hour", "window": "hour", "max": 599 }, { "counter": "all", "window": "minute", "max": 5, "scope": "tenant" }] }""")]
    [InlineData("""{ "limits": [{ "counter": "odd", "window": 50, "max": 10 }, { "counter": "minute", "window": "minute", "max": 29 }] }""")]
    [InlineData("""{ "limits": [{ "counter": "calls", "window": "day", "max": 10 }, { "counter": "usd", "window": "day", "max": 40, "increment_from": "args.maxBudgetUsd" }] }""")]
    [InlineData("""{ "action": "deny", "reason": "closed" }""")]
    [InlineData("{}")]
    public void Of_a_sound_rule_nothing_is_said(string rule) => Assert.Empty(Snapshot(Rule(rule)).Warnings);

    [Fact]
    public void A_limit_of_all_tools_can_make_one_of_a_tool_unreachable_and_not_the_other_way_round()
    {
        Assert.Equal([("W05", $"{Star}/limits/c")], Codes("""{ "version": "1", "default": "deny", "all_tools": { "limits": [{ "counter": "a", "window": "day", "max": 5 }] }, "tools": { "claude_request_async": { "limits": [{ "counter": "c", "window": "hour", "max": 5 }] }, "llm_job_status": {}, "llm_job_result": {} } }"""));
        Assert.Empty(Codes("""{ "version": "1", "default": "deny", "all_tools": { "limits": [{ "counter": "a", "window": "hour", "max": 5 }] }, "tools": { "claude_request_async": { "limits": [{ "counter": "c", "window": "day", "max": 5 }] }, "llm_job_status": {}, "llm_job_result": {} } }"""));
    }

    private static IEnumerable<(string, string)> Codes(string policy) => Snapshot(policy).Warnings.Select(w => (w.Code, w.Pointer));

    private static void Warns(string policy, string code, string pointer, string words)
    {
        var warning = Assert.Single(Snapshot(policy).Warnings);
        Assert.Equal((code, pointer), (warning.Code, warning.Pointer));
        Assert.Contains(words, warning.Message, StringComparison.Ordinal);
    }
}

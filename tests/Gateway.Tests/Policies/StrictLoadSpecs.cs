using System.Text;
using Gateway.Policies.Documents;
using Xunit;
using static Gateway.Tests.Policies.Texts;

namespace Gateway.Tests.Policies;

/// <summary>What keeps a policy file from being loaded, each with its place and what is allowed there.</summary>
public sealed class StrictLoadSpecs
{
    [Theory]
    [InlineData("""{ "version": "1", "default": "deny" }""")]
    [InlineData("""{ "version": "1", "default": "allow", "description": "who, why", "$schema": "policy.schema.json" }""")]
    [InlineData("""{ "version": "1", "default": "deny", "hide": "*", "tools": {} }""")]
    [InlineData("""{ "version": "1", "default": "deny", "hide": ["llm_job_list", "*"], "all_tools": {} }""")]
    [InlineData("""{ "version": "1", "default": "deny", "hide": [], "all_tools": { "limits": [] }, "tools": { "llm_job_list": {} } }""")]
    public void What_the_format_allows_loads(string text) => Assert.Empty(FaultsOf(text));

    [Theory]
    [InlineData("""{ "default": "deny" }""", "", "version is missing")]
    [InlineData("""{ "version": 1, "default": "deny" }""", "/version", "\"1\"")]
    [InlineData("""{ "version": "2", "default": "deny" }""", "/version", "\"1\"")]
    [InlineData("""{ "version": "1" }""", "", "default is missing")]
    [InlineData("""{ "version": "1", "default": "Deny" }""", "/default", "Did you mean \"deny\"?")]
    [InlineData("""{ "version": "1", "default": "deny", "hidden": [] }""", "/hidden", "Did you mean hide?")]
    [InlineData("""{ "version": "1", "default": "deny", "hide": "llm_job_list" }""", "/hide", "\"*\" for all")]
    [InlineData("""{ "version": "1", "default": "deny", "hide": [1] }""", "/hide/0", "a text")]
    [InlineData("""{ "version": "1", "default": "deny", "description": 5 }""", "/description", "a text")]
    [InlineData("""{ "version": "1", "default": "deny", "all_tools": { "require": [] } }""", "/all_tools/require", "Allowed: limits.")]
    [InlineData("""{ "version": "1", "default": "deny", "all_tools": { "limits": [{ "counter": "c", "window": "day", "max": 1, "increment_from": "args.a" }] } }""", "/all_tools/limits/0/increment_from", "no field of a limit of all_tools")]
    [InlineData("""{ "version": "1", "default": "deny", "tools": [] }""", "/tools", "an object")]
    [InlineData("""{ "version": "1", "default": "deny", "tools": { "*": {} } }""", "/tools/*", "names are exact")]
    [InlineData("""{ "version": "1", "default": "deny", "tools": { "a/b": 1 } }""", "/tools/a~1b", "an object")]
    [InlineData("[]", "", "an object")]
    [InlineData("null", "", "an object")]
    public void A_wrong_policy_is_told_with_its_place_and_what_is_allowed(string text, string pointer, string words) => TellsOnly(text, pointer, words);

    [Theory]
    [InlineData("""{ "limts": [] }""", "/limts", "Did you mean limits? Allowed: action, reason, require, deny_if, limits, approval, rate_limit.")]
    [InlineData("""{ "action": "block" }""", "/action", "Allowed: \"allow\", \"deny\".")]
    [InlineData("""{ "action": "rate_limit" }""", "/action", "\"rate_limit\": {\"max\": 10, \"window\": \"minute\"}")]
    [InlineData("""{ "action": "require_approval" }""", "/action", "\"approval\": {}")]
    [InlineData("""{ "rate_limit": "10/minute" }""", "/rate_limit", "{\"max\": 10, \"window\": \"minute\"}")]
    [InlineData("""{ "rate_limit": "30 per hour" }""", "/rate_limit", "{\"max\": 30, \"window\": \"hour\"}")]
    [InlineData("""{ "rate_limit": { "max": 1 } }""", "/rate_limit", "window is missing")]
    [InlineData("""{ "rate_limit": { "max": 1.5, "window": "minute" } }""", "/rate_limit/max", "a whole number")]
    [InlineData("""{ "rate_limit": { "max": 1, "window": 60 }, "limits": [{ "counter": "claude_request_async_rate", "window": "day", "max": 9 }] }""", "/rate_limit", "claude_request_async_rate")]
    [InlineData("""{ "reason": 5 }""", "/reason", "a text")]
    [InlineData("""{ "require": {} }""", "/require", "a list")]
    [InlineData("""{ "require": [5] }""", "/require/0", "an object")]
    [InlineData("""{ "require": [{ "op": "eq", "value": 1 }] }""", "/require/0", "path is missing")]
    [InlineData("""{ "require": [{ "path": "args.a", "value": 1 }] }""", "/require/0", "op is missing")]
    [InlineData("""{ "require": [{ "path": "args.a", "op": "eq" }] }""", "/require/0", "value is missing")]
    [InlineData("""{ "require": [{ "path": "args.a", "op": "equals", "value": 1 }] }""", "/require/0/op", "eq")]
    [InlineData("""{ "require": [{ "path": "model", "op": "eq", "value": 1 }] }""", "/require/0/path", "args.model")]
    [InlineData("""{ "require": [{ "path": "args.", "op": "eq", "value": 1 }] }""", "/require/0/path", "args. and a name")]
    [InlineData("""{ "require": [{ "path": "args.a..b", "op": "eq", "value": 1 }] }""", "/require/0/path", "args. and a name")]
    [InlineData("""{ "require": [{ "path": "args.labels[0]", "op": "eq", "value": 1 }] }""", "/require/0/path", "as a whole")]
    [InlineData("""{ "require": [{ "path": "args.a", "op": "in", "value": [] }] }""", "/require/0/value", "at least one")]
    [InlineData("""{ "require": [{ "path": "args.a", "op": "not_in", "value": "x" }] }""", "/require/0/value", "a list")]
    [InlineData("""{ "require": [{ "path": "args.a", "op": "lt", "value": "5" }] }""", "/require/0/value", "a number")]
    [InlineData("""{ "require": [{ "path": "args.a", "op": "exists", "value": 1 }] }""", "/require/0/value", "true or false")]
    [InlineData("""{ "require": [{ "path": "args.a", "op": "contains", "value": [] }] }""", "/require/0/value", "a text, a number")]
    [InlineData("""{ "require": [{ "path": "args.a", "op": "under", "value": "srv" }] }""", "/require/0/value", "an absolute path")]
    [InlineData("""{ "require": [{ "path": "args.a", "op": "under", "value": ["/srv", "/srv/../etc"] }] }""", "/require/0/value", "an absolute path")]
    [InlineData("""{ "require": [{ "path": "args.a", "op": "not_under", "value": [] }] }""", "/require/0/value", "an absolute path")]
    [InlineData("""{ "require": [{ "path": "args.a", "op": "regex", "value": "(?=a)b" }] }""", "/require/0/value", "look-around")]
    [InlineData("""{ "require": [{ "path": "args.a", "op": "regex", "value": "(a)\\1" }] }""", "/require/0/value", "back-reference")]
    [InlineData("""{ "require": [{ "path": "args.a", "op": "regex", "value": "(a" }] }""", "/require/0/value", "no pattern")]
    [InlineData("""{ "deny_if": [{ "path": "args.a", "op": "eq", "value": 1, "on_denny": "x" }] }""", "/deny_if/0/on_denny", "Did you mean on_deny?")]
    [InlineData("""{ "approval": { "required_if": [{ "path": "args.a", "op": "eq", "value": 1, "on_deny": "x" }] } }""", "/approval/required_if/0/on_deny", "no field of a predicate of required_if")]
    [InlineData("""{ "approval": { "timeout": "30s" } }""", "/approval/timeout", "1 minute to 7 days")]
    [InlineData("""{ "approval": { "timeout": 59 } }""", "/approval/timeout", "1 minute to 7 days")]
    [InlineData("""{ "approval": { "timeout": "8d" } }""", "/approval/timeout", "1 minute to 7 days")]
    [InlineData("""{ "approval": { "mode": "wait" } }""", "/approval/mode", "\"job\", \"repeat\"")]
    [InlineData("""{ "limits": [{ "counter": "a b", "window": "day", "max": 1 }] }""", "/limits/0/counter", "A-Za-z0-9_.-")]
    [InlineData("""{ "limits": [{ "window": "day", "max": 1 }] }""", "/limits/0", "counter is missing")]
    [InlineData("""{ "limits": [{ "counter": "c", "max": 1 }] }""", "/limits/0", "window is missing")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": "day" }] }""", "/limits/0", "max is missing")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": "week", "max": 1 }] }""", "/limits/0/window", "\"minute\", \"hour\", \"day\"")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": 0, "max": 1 }] }""", "/limits/0/window", "1 to 86400")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": 86401, "max": 1 }] }""", "/limits/0/window", "1 to 86400")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": 1.5, "max": 1 }] }""", "/limits/0/window", "1 to 86400")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": "day", "max": 0 }] }""", "/limits/0/max", "at least 1")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": "day", "max": 2.5 }] }""", "/limits/0/max", "a whole number")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": "day", "max": "5" }] }""", "/limits/0/max", "a whole number")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": "day", "max": 0, "increment_from": "args.a" }] }""", "/limits/0/max", "greater than 0")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": "day", "max": 1, "increment_from": "a" }] }""", "/limits/0/increment_from", "args.")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": "day", "max": 1, "scope": "user" }] }""", "/limits/0/scope", "\"grant\", \"session\", \"tenant\", \"global\"")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": "day", "max": 1 }, { "counter": "c", "window": 5, "max": 1 }] }""", "/limits/1", "in this list already")]
    [InlineData("""{ "limits": [{ "kind": "waiting", "max": 1 }] }""", "/limits/0/kind", "\"running\", \"queued\"")]
    [InlineData("""{ "limits": [{ "kind": "running", "max": 0 }] }""", "/limits/0/max", "from 1")]
    [InlineData("""{ "limits": [{ "kind": "running", "max": 1, "window": "day" }] }""", "/limits/0/window", "no field of a limit with kind")]
    [InlineData("""{ "limits": [{ "kind": "queued", "max": 1 }, { "kind": "queued", "max": 2, "scope": "grant" }] }""", "/limits/1", "kind queued and scope grant")]
    public void A_wrong_rule_is_told_with_its_place_and_what_is_allowed(string rule, string pointer, string words) => TellsOnly(Rule(rule), $"/tools/{Starter}{pointer}", words);

    [Fact]
    public void Reasons_have_five_hundred_characters_and_patterns_a_thousand()
    {
        string Reason(int chars) => Rule($$"""{ "action": "deny", "reason": "{{new string('r', chars)}}" }""");
        string Pattern(int chars) => Rule($$"""{ "require": [{ "path": "args.a", "op": "regex", "value": "{{new string('p', chars)}}" }] }""");

        Assert.Empty(FaultsOf(Reason(500)));
        Assert.Empty(FaultsOf(Pattern(1000)));
        TellsOnly(Reason(501), $"/tools/{Starter}/reason", "501 characters, and may have 500");
        TellsOnly(Pattern(1001), $"/tools/{Starter}/require/0/value", "1001 characters, and may have 1000");
    }

    [Fact]
    public void A_tool_that_starts_nothing_has_no_job_that_could_wait_for_consent() =>
        TellsOnly("""{ "version": "1", "default": "deny", "tools": { "llm_job_cancel": { "approval": { "mode": "job" } } } }""", "/tools/llm_job_cancel/approval/mode", "\"repeat\"");

    [Fact]
    public void Every_fault_of_a_file_is_told_at_once_with_line_and_column()
    {
        var faults = FaultsOf(
            """
            {
              "version": 1, // which one?
              "default": "maybe",
              "tools": {
                "claude_request_async": {
                  "limts": [],
                  "limits": [{ "counter": "c", "window": "minute", "max": 0, "max": 1 },],
                }
              }
            }
            """);

        Assert.Equal(
            [
                (2, 14, "/version"), (2, 17, ""), (3, 14, "/default"), (6, 7, "/tools/claude_request_async/limts"), (7, 63, "/tools/claude_request_async/limits/0/max"),
                (7, 66, "/tools/claude_request_async/limits/0/max"), (7, 77, "/tools/claude_request_async/limits"), (8, 5, "/tools/claude_request_async"),
            ],
            faults.Select(f => (f.Line, f.Column, f.Pointer)));
        Assert.All(faults, f => Assert.Equal("policy.json", f.File));
    }

    [Theory]
    [InlineData("{ not json", 1, 3)]
    [InlineData("{ \"version\": \"1\",\n  \"default\": deny }", 2, 14)]
    [InlineData("{ \"version\": \"1\" } {}", 1, 20)]
    [InlineData("{ \"version\": \"1\"", 1, 17)]
    [InlineData("{ \"a\": 01 }", 1, 9)]
    public void What_is_no_json_is_told_where_it_ceases_to_be(string text, int line, int column)
    {
        var fault = Assert.Single(FaultsOf(text));

        Assert.Equal((line, column), (fault.Line, fault.Column));
        Assert.Contains("not JSON", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_utf8_without_a_mark_and_not_empty()
    {
        string Fault(params byte[] bytes) => Assert.Single(SnapshotLoader.LoadOne(new DocumentFile("p.json", bytes), [], Tools).Faults).Message;

        Assert.Contains("is empty", Fault(), StringComparison.Ordinal);
        Assert.Contains("byte order mark", Fault([0xEF, 0xBB, 0xBF, (byte)'{', (byte)'}']), StringComparison.Ordinal);
        Assert.Contains("not UTF-8", Fault([(byte)'"', 0xFF, (byte)'"']), StringComparison.Ordinal);
        Assert.Contains("surrogate", Fault(Encoding.UTF8.GetBytes("\"\\ud800\"")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_has_at_most_256_KiB()
    {
        string Sized(int bytes) => """{"version":"1","default":"deny"}""".PadRight(bytes);

        Assert.Empty(FaultsOf(Sized(256 * 1024)));
        Assert.Contains("262145 bytes, and may have 262144", Assert.Single(FaultsOf(Sized((256 * 1024) + 1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_at_most_32_levels_deep()
    {
        // The value of eq lies on level six.
        string Deep(int levels) => Rule($$"""{ "require": [{ "path": "args.a", "op": "eq", "value": {{new string('[', levels - 5)}}{{new string(']', levels - 5)}} }] }""");

        Assert.Empty(FaultsOf(Deep(32)));
        Assert.Contains("deeper than 32 levels", Assert.Single(FaultsOf(Deep(33))).Message, StringComparison.Ordinal);
        Assert.Contains("deeper than 32 levels", Assert.Single(FaultsOf(Deep(5000))).Message, StringComparison.Ordinal);
    }

    private static void TellsOnly(string text, string pointer, string words)
    {
        var fault = Assert.Single(FaultsOf(text));
        Assert.Equal(pointer, fault.Pointer);
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
        Assert.True(fault is { Line: > 0, Column: > 0 });
    }
}

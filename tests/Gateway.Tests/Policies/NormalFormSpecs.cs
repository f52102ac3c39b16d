using System.Text.Json;
using CsCheck;
using Gateway.Policies.Documents;
using Xunit;
using static Gateway.Tests.Policies.Texts;

namespace Gateway.Tests.Policies;

/// <summary>One meaning has one text and one hash.</summary>
public sealed class NormalFormSpecs
{
    [Fact]
    public void Short_forms_are_expanded_defaults_filled_in_and_members_sorted() =>
        Assert.Equal(
            """{"all_tools":{"limits":[]},"default":"deny","hide":["a","b"],"tools":{"claude_request_async":{"action":"allow","approval":{"mode":"job","reason":"tool claude_request_async needs approval","timeout":3600},"deny_if":[],"limits":[{"counter":"claude_request_async_rate","max":10,"scope":"grant","window":"minute"},{"counter":"usd","increment_from":"args.a","max":2.500001,"scope":"tenant","window":90},{"kind":"running","max":3,"scope":"grant"}],"require":[{"op":"under","path":"args.a","value":"/srv/a"}]}},"version":"1"}""",
            Policy(
                """
                { "version": "1", "description": "not part of it", "default": "deny", "hide": ["b", "a", "b"],
                  "tools": { "claude_request_async": {
                    "limits": [{ "counter": "usd", "window": 90.0, "max": 2.5000001, "scope": "tenant", "increment_from": "args.a" }, { "max": 3, "kind": "running" }],
                    "rate_limit": { "window": 60, "max": 1e1 }, "approval": {}, "require": [{ "path": "args.a", "op": "under", "value": ["/srv//a/"] }] } } }
                """).NormalizedText);

    [Theory]
    [InlineData("""{ "rate_limit": { "max": 10, "window": 60 } }""", """{ "limits": [{ "counter": "claude_request_async_rate", "window": "minute", "max": 10, "scope": "grant" }] }""")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": 3600, "max": 10.0 }], "require": [] }""", """{ "limits": [{ "max": 10, "counter": "c", "window": "hour", "scope": "grant" }] }""")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": 86400, "max": 1 }] }""", """{ "limits": [{ "counter": "c", "window": "day", "max": 1 }] }""")]
    [InlineData("""{ "approval": { "timeout": "2d" } }""", """{ "approval": { "timeout": 172800, "mode": "job" } }""")]
    [InlineData("""{ "require": [{ "path": "args.model", "op": "eq", "value": 5.0 }] }""", """{ "action": "allow", "require": [{ "op": "eq", "value": 5, "path": "args.model" }] }""")]
    public void A_short_form_and_its_long_form_have_one_hash(string one, string other)
    {
        Assert.Equal(Policy(Rule(one)).Hash, Policy(Rule(other)).Hash);
        Assert.Equal(Judge(Rule(one), """{ "model": 5 }""").RuleHash, Judge(Rule(other), """{ "model": 5 }""").RuleHash);
        Assert.Matches("^sha256:[0-9a-f]{16}$", Policy(Rule(one)).Hash);
    }

    [Theory]
    [InlineData("""{ "limits": [{ "counter": "c", "window": "day", "max": 2 }] }""")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": "hour", "max": 1 }] }""")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": "day", "max": 1, "scope": "tenant" }] }""")]
    [InlineData("""{ "limits": [{ "counter": "d", "window": "day", "max": 1 }] }""")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": "day", "max": 1, "increment_from": "args.a" }] }""")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": "day", "max": 1 }], "action": "deny" }""")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": "day", "max": 1 }], "approval": {} }""")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": "day", "max": 1 }], "deny_if": [{ "path": "args.a", "op": "eq", "value": "1" }] }""")]
    public void Another_meaning_has_another_hash(string other)
    {
        var one = Rule("""{ "limits": [{ "counter": "c", "window": "day", "max": 1 }] }""");

        Assert.NotEqual(Policy(one).Hash, Policy(Rule(other)).Hash);
        Assert.NotEqual(Policy(one).RuleOf(Starter).Hash, Policy(Rule(other)).RuleOf(Starter).Hash);
    }

    [Fact]
    public void An_edit_of_another_tool_leaves_the_hash_of_a_rule_as_it_is()
    {
        var one = Policy("""{ "version": "1", "default": "deny", "tools": { "claude_request_async": { "approval": {} } } }""");
        var other = Policy("""{ "version": "1", "default": "deny", "tools": { "claude_request_async": { "approval": {} }, "llm_job_list": {} } }""");

        Assert.NotEqual(one.Hash, other.Hash);
        Assert.Equal(one.RuleOf(Starter).Hash, other.RuleOf(Starter).Hash);
        Assert.Equal(other.RuleOf("llm_job_list").Hash, one.RuleOf("never_named").Hash);
    }

    [Fact]
    public void The_normal_form_of_a_normal_form_is_itself() => Policies.Any.Sample(
        text =>
        {
            var policy = Policy(text);
            var again = Policy(policy.NormalizedText);
            Assert.Equal((policy.NormalizedText, policy.Hash), (again.NormalizedText, again.Hash));
        },
        iter: 500);

    [Theory]
    [InlineData("""{"b":1,"a":{"z":null,"":true}}""", """{"a":{"":true,"z":null},"b":1}""")]
    [InlineData("""[ 56.0, 1e3, 1E-7, 0.000001, 1e21, 123456789012345678901, -0, 1e400, 9007199254740993, 4.50, 2e-3, 0.1e-6 ]""", """[56,1000,1e-7,0.000001,1e+21,123456789012345678901,0,1e+400,9007199254740993,4.5,0.002,1e-7]""")]
    [InlineData("\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\\u2028\\ud83d\\ude00\"", "\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\u2028😀\"")]
    [InlineData("""{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}""", "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\ufb33\":3}")]
    public void Canonical_json_is_that_of_RFC_8785(string text, string canonical) => Assert.Equal(canonical, CanonicalJson.Of(JsonElement.Parse(text)));

    [Fact]
    public void A_double_is_written_as_it_is_read() => Gen.Double.Where(double.IsFinite).Sample(number =>
    {
        var written = CanonicalJson.Of(JsonSerializer.SerializeToElement(number));
        Assert.Equal(number, double.Parse(written, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(written, CanonicalJson.Of(JsonElement.Parse(written)));
    });
}

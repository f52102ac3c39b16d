using System.Text.Json;
using Gateway.Policies.Documents;
using Gateway.Policies.Evaluation;
using Xunit;
using static Gateway.Tests.Policies.Texts;

namespace Gateway.Tests.Policies;

/// <summary>What each operator says of an argument: T, F, or U where it cannot be said.</summary>
public sealed class PredicateSpecs
{
    private const string Absent = "absent";

    [Theory]
    [InlineData("eq", "5", "5", "T")]
    [InlineData("eq", "5", "5.0", "T")]
    [InlineData("eq", "5", "0.5e1", "T")]
    [InlineData("eq", "5", "\"5\"", "F")]
    [InlineData("eq", "true", "\"true\"", "F")]
    [InlineData("eq", "true", "true", "T")]
    [InlineData("eq", "\"é\"", "\"e\\u0301\"", "F")]
    [InlineData("eq", "\"a\"", "\"A\"", "F")]
    [InlineData("eq", "\"a\"", "\"\\u0061\"", "T")]
    [InlineData("eq", "\"a\"", "\" a\"", "F")]
    [InlineData("eq", "{\"a\": 1, \"b\": [2]}", "{\"b\": [2.0], \"a\": 1}", "T")]
    [InlineData("eq", "[1, 2]", "[2, 1]", "F")]
    [InlineData("eq", "[]", "[]", "T")]
    [InlineData("eq", "9007199254740993", "9007199254740992", "F")]
    [InlineData("eq", "null", "null", "F")]
    [InlineData("eq", "null", Absent, "F")]
    [InlineData("neq", "5", "6", "T")]
    [InlineData("neq", "5", "\"5\"", "T")]
    [InlineData("neq", "5", "5.00", "F")]
    [InlineData("neq", "5", Absent, "F")]
    [InlineData("neq", "5", "null", "F")]
    [InlineData("in", "[\"a\", 5, true]", "\"a\"", "T")]
    [InlineData("in", "[\"a\", 5, true]", "5.0", "T")]
    [InlineData("in", "[\"a\", 5, true]", "true", "T")]
    [InlineData("in", "[\"a\", 5, true]", "\"5\"", "F")]
    [InlineData("in", "[\"a\"]", "{}", "U")]
    [InlineData("in", "[\"a\"]", "null", "F")]
    [InlineData("in", "[\"a\"]", Absent, "F")]
    [InlineData("not_in", "[\"a\", 5]", "\"b\"", "T")]
    [InlineData("not_in", "[\"a\", 5]", "5e0", "F")]
    [InlineData("not_in", "[\"a\"]", "{}", "U")]
    [InlineData("not_in", "[\"a\"]", Absent, "F")]
    [InlineData("lt", "5", "4.999999999999999999999999999999999", "T")]
    [InlineData("lt", "5", "5", "F")]
    [InlineData("lte", "5", "5.0", "T")]
    [InlineData("lte", "5", "5.000000000000000000000000000000001", "F")]
    [InlineData("gt", "0.1", "0.10000000000000000000001", "T")]
    [InlineData("gt", "-1", "-0.5", "T")]
    [InlineData("gt", "-1", "-1.5", "F")]
    [InlineData("gt", "1", "1e999", "T")]
    [InlineData("gte", "0", "-0", "T")]
    [InlineData("gte", "0", "1e-999", "T")]
    [InlineData("gte", "0", "-1e-999", "F")]
    [InlineData("lt", "5", "\"4\"", "U")]
    [InlineData("lt", "5", "true", "U")]
    [InlineData("lt", "5", Absent, "F")]
    [InlineData("gte", "5", Absent, "F")]
    [InlineData("regex", "\"b+\"", "\"abbc\"", "T")]
    [InlineData("regex", "\"^b\"", "\"abbc\"", "F")]
    [InlineData("regex", "\"b\"", "\"B\"", "F")]
    [InlineData("regex", "\"b\"", "5", "U")]
    [InlineData("regex", "\"b\"", Absent, "F")]
    [InlineData("contains", "\"ell\"", "\"hello\"", "T")]
    [InlineData("contains", "\"ELL\"", "\"hello\"", "F")]
    [InlineData("contains", "5", "\"5\"", "F")]
    [InlineData("contains", "5", "[4, 5.0]", "T")]
    [InlineData("contains", "\"5\"", "[4, 5]", "F")]
    [InlineData("contains", "\"a\"", "[]", "F")]
    [InlineData("contains", "\"a\"", "{\"a\": 1}", "U")]
    [InlineData("contains", "5", "5", "U")]
    [InlineData("contains", "\"a\"", Absent, "F")]
    [InlineData("exists", "true", "0", "T")]
    [InlineData("exists", "true", "false", "T")]
    [InlineData("exists", "true", "null", "F")]
    [InlineData("exists", "true", Absent, "F")]
    [InlineData("exists", "false", Absent, "T")]
    [InlineData("exists", "false", "null", "T")]
    [InlineData("exists", "false", "\"\"", "F")]
    [InlineData("under", "\"/srv/a\"", "\"/srv/a\"", "T")]
    [InlineData("under", "\"/srv/a\"", "\"/srv/a/b\"", "T")]
    [InlineData("under", "\"/srv/a\"", "\"/srv/ab\"", "F")]
    [InlineData("under", "\"/srv/a\"", "\"/srv\"", "F")]
    [InlineData("under", "\"/srv/a/\"", "\"//srv/./a//b/./\"", "T")]
    [InlineData("under", "\"/srv//./a\"", "\"/srv/a/.\"", "T")]
    [InlineData("under", "\"/\"", "\"/x\"", "T")]
    [InlineData("under", "[\"/srv/a\", \"/srv/b\"]", "\"/srv/b/c\"", "T")]
    [InlineData("under", "\"/srv/a\"", "\"/SRV/a\"", "F")]
    [InlineData("under", "\"/srv/a\"", "\"/srv/a/..b\"", "T")]
    [InlineData("under", "\"/srv/a\"", "\"/srv/a/../b\"", "U")]
    [InlineData("under", "\"/srv/a\"", "\"/srv/a/..\"", "U")]
    [InlineData("under", "\"/srv/a\"", "\"srv/a\"", "U")]
    [InlineData("under", "\"/srv/a\"", "\"\"", "U")]
    [InlineData("under", "\"/srv/a\"", "\"~/a\"", "U")]
    [InlineData("under", "\"/srv/a\"", "\"/srv/a/~\"", "U")]
    [InlineData("under", "\"/srv/a\"", "\"/srv/a\\\\b\"", "U")]
    [InlineData("under", "\"/srv/a\"", "\"/srv/a\\u0000\"", "U")]
    [InlineData("under", "\"/srv/a\"", "5", "U")]
    [InlineData("under", "\"/srv/a\"", Absent, "F")]
    [InlineData("not_under", "\"/srv/a\"", "\"/srv/ab\"", "T")]
    [InlineData("not_under", "[\"/srv/a\", \"/srv/b\"]", "\"/srv/b\"", "F")]
    [InlineData("not_under", "\"/srv/a\"", "\"/etc/../srv/a\"", "U")]
    [InlineData("not_under", "\"/srv/a\"", Absent, "F")]
    public void An_operator_says_of_an_argument(string op, string value, string argument, string truth)
    {
        var arguments = argument == Absent ? "{}" : $$"""{ "model": {{argument}} }""";

        Assert.Equal(truth == "T", Refused($$"""{ "require": [{ "path": "args.model", "op": "{{op}}", "value": {{value}} }] }""", arguments) is null);
        Assert.Equal(truth != "F", Refused($$"""{ "deny_if": [{ "path": "args.model", "op": "{{op}}", "value": {{value}} }] }""", arguments) is not null);
        Assert.Equal(truth != "F", Judge(Rule($$"""{ "approval": { "required_if": [{ "path": "args.model", "op": "{{op}}", "value": {{value}} }] } }"""), arguments).Approval is not null);
    }

    [Theory]
    [InlineData("in", "[\"a\", \"b\"]", "[\"a\", \"b\"]", true, true)]
    [InlineData("in", "[\"a\", \"b\"]", "[\"a\", \"c\"]", false, true)]
    [InlineData("in", "[\"a\", \"b\"]", "[\"c\"]", false, false)]
    [InlineData("in", "[\"a\"]", "[]", true, false)]
    [InlineData("in", "[\"a\"]", "[\"a\", null]", false, true)]
    [InlineData("in", "[\"a\"]", "[null]", false, true)]
    [InlineData("in", "[\"a\"]", "[[\"a\"]]", false, true)]
    [InlineData("not_in", "[\"a\"]", "[\"b\", \"a\"]", false, true)]
    [InlineData("not_in", "[\"a\"]", "[\"a\"]", false, false)]
    [InlineData("not_in", "[\"a\"]", "[\"b\", \"c\"]", true, true)]
    [InlineData("lte", "5", "[1, 6]", false, true)]
    [InlineData("lte", "5", "[1, \"2\"]", false, true)]
    [InlineData("regex", "\"^Bash\"", "[\"Read\", \"Bash(git *)\"]", false, true)]
    [InlineData("regex", "\"^Bash\"", "[\"Read\"]", false, false)]
    [InlineData("under", "\"/srv\"", "[\"/srv/a\", \"/etc\"]", false, true)]
    [InlineData("not_under", "\"/srv\"", "[\"/srv/a\", \"/etc\"]", false, true)]
    [InlineData("not_under", "\"/srv\"", "[\"/srv/a\", \"../etc\"]", false, true)]
    [InlineData("not_under", "\"/srv\"", "[\"/srv/a\"]", false, false)]
    public void Of_a_list_every_element_has_to_satisfy_a_requirement_and_one_is_enough_to_deny_or_to_ask(string op, string value, string list, bool isRequirementMet, bool isDenied)
    {
        var arguments = $$"""{ "labels": {{list}} }""";
        var predicate = $$"""[{ "path": "args.labels", "op": "{{op}}", "value": {{value}} }]""";

        Assert.Equal(isRequirementMet, Refused($$"""{ "require": {{predicate}} }""", arguments) is null);
        Assert.Equal(isDenied, Refused($$"""{ "deny_if": {{predicate}} }""", arguments) is not null);
        Assert.Equal(isDenied, Judge(Rule($$"""{ "approval": { "required_if": {{predicate}} } }"""), arguments).Approval is not null);
    }

    [Theory]
    [InlineData("args.promptParts.task", """{ "promptParts": { "task": "x" } }""", true)]
    [InlineData("args.promptParts.task", """{ "promptParts": "task" }""", false)]
    [InlineData("args.promptParts.task", """{ "promptParts": [{ "task": "x" }] }""", false)]
    [InlineData("args.promptParts.task", """{ "promptParts": { "task": null } }""", false)]
    [InlineData("args.promptParts.task", """{ "promptParts": null }""", false)]
    [InlineData("args.Model", """{ "model": "x" }""", false)]
    public void A_path_goes_down_objects_only(string path, string arguments, bool exists) =>
        Assert.Equal(exists, Refused($$"""{ "require": [{ "path": "{{path}}", "op": "exists", "value": true }] }""", arguments) is null);

    [Fact]
    public void A_pattern_that_takes_too_long_refuses_where_it_may_deny_and_is_a_failure_where_it_may_ask()
    {
        var file = File("\"(a|b)*c\"");
        var faults = new DocumentFaults(file);
        var (value, test) = PredicateOperator.Matched(DocumentParser.Parse(file, faults)!, faults, TimeSpan.FromTicks(1))!.Value;
        var slow = new Predicate { Path = new ArgumentPath("args.prompt", ["prompt"]), Operator = PredicateOperator.All.Single(o => o.Name == "regex"), Value = value, Test = test, Key = "args.prompt-regex" };
        var long_ = JsonSerializer.SerializeToElement(new { prompt = new string('a', 1_000_000) });

        Judgement Judged(Func<ToolRule, ToolRule> rule) => PolicyEngine.Judge(new(Grant(Rule("{}")) with { Policy = Policy(Rule("{}")).With(rule) }, Starter, long_, null));

        Assert.Equal($"/tools/{Starter}/deny_if/args.prompt-regex", Judged(r => r with { DenyIf = [slow] }).Refusal?.Rule);
        Assert.Equal($"/tools/{Starter}/require/args.prompt-regex", Judged(r => r with { Require = [slow] }).Refusal?.Rule);
        Assert.Equal("(policy unavailable)", Judged(r => r with { Approval = new([slow], new(Gateway.Policies.Approvals.ApprovalMode.Job, TimeSpan.FromHours(1), "", "")) }).Refusal?.Rule);
    }
}

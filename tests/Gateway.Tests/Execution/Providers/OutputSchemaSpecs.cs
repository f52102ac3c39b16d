using CsCheck;
using Gateway.Execution.Providers.Codex;
using Json.Schema;
using Xunit;

namespace Gateway.Tests.Execution.Providers;

public sealed class OutputSchemaSpecs
{
    private static readonly string[] Names = ["a", "b", "c"];

    private static readonly Gen<string> Leaf = One(
        "{}", "true", "false", """{"type":"string"}""", """{"type":"integer"}""", """{"type":["number","null"]}""", """{"type":"boolean"}""",
        """{"enum":["x",1,null,{"a":1}]}""", """{"const":1}""", """{"minimum":1,"maximum":2}""", """{"exclusiveMinimum":1}""", """{"exclusiveMaximum":1.5}""",
        """{"minLength":1,"maxLength":2}""", """{"$ref":"#/$defs/d"}""", """{"minItems":1,"maxItems":2}""", """{"minProperties":1,"maxProperties":1}""");

    private static readonly Gen<string> Schema = Gen.Recursive<string>((depth, inner) => depth > 2 ? Leaf : Gen.OneOf(
        Leaf,
        Gen.Select(inner, inner, Gen.Bool, One(Names)).Select((one, two, closed, name) =>
            $$$"""{"type":"object","properties":{"a":{{{one}}},"b":{{{two}}}},"required":["{{{name}}}"]{{{(closed ? ",\"additionalProperties\":false" : "")}}}}"""),
        inner.Select(one => $$"""{"additionalProperties":{{one}}}"""),
        Gen.Select(inner, inner).Select((one, two) => $$"""{"prefixItems":[{{one}}],"items":{{two}}}"""),
        Gen.Select(One("allOf", "anyOf", "oneOf"), inner, inner).Select((word, one, two) => $$"""{"{{word}}":[{{one}},{{two}}]}"""),
        inner.Select(one => $$"""{"not":{{one}}}""")));

    private static readonly Gen<string> Value = Gen.Recursive<string>((depth, inner) => depth > 3 ? One("1", "\"x\"") : Gen.OneOf(
        One("1", "1.0", "2", "-3.5", "\"\"", "\"x\"", "\"🙂🙂\"", "true", "null", "[]", "{}"),
        inner.Array[0, 3].Select(items => $"[{string.Join(',', items)}]"),
        Gen.Select(inner, inner).Select((one, two) => $$"""{"a":{{one}},"b":{{two}}}"""),
        inner.Select(one => $$"""{"c":{{one}}}""")));

    [Fact]
    public void What_fits_is_what_fits_for_a_library_as_well() => Gen.Select(Schema, Value).Sample(
        (inner, value) =>
        {
            var schema = $$$"""{"$defs":{"d":{"type":"string"}},"properties":{"v":{{{inner}}} } }""";
            var answer = $$"""{"v":{{value}}}""";
            using var document = System.Text.Json.JsonDocument.Parse(answer);
            var expected = JsonSchema.FromText(schema).Evaluate(document.RootElement).IsValid;
            return expected == (OutputSchema.Check(schema, answer, out _) == OutputFit.Fits);
        },
        iter: 2000,
        threads: 1);

    [Theory]
    [InlineData("")]
    [InlineData("no json")]
    [InlineData("[1]")]
    [InlineData("\"text\"")]
    [InlineData("{\"a\":1} and more")]
    [InlineData("```json\n{\"a\":1}\n```")]
    public void An_answer_that_is_no_object_is_told_apart(string answer)
    {
        Assert.Equal(OutputFit.NoObject, OutputSchema.Check("{}", answer, out var json));
        Assert.Null(json);
    }

    [Theory]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"allOf":[{"$ref":"#"},{"$ref":"#"}]}""")]
    [InlineData("""{"$ref":"https://elsewhere.example/schema"}""")]
    [InlineData("""{"$ref":"#/$defs/nowhere"}""")]
    [InlineData("""{"not":{"$ref":"#"}}""")]
    [InlineData("no schema")]
    public void A_schema_that_leads_nowhere_is_not_followed(string schema) => Assert.Equal(OutputFit.TooComplex, OutputSchema.Check(schema, "{}", out _));

    [Fact]
    public void A_schema_that_doubles_its_work_at_each_step_is_given_up()
    {
        var steps = Enumerable.Range(0, 60).Select(i => $$"""
            "d{{i}}":{"allOf":[{"$ref":"#/$defs/d{{i + 1}}"},{"$ref":"#/$defs/d{{i + 1}}"}]}
            """);
        Assert.Equal(OutputFit.TooComplex, OutputSchema.Check($$"""{"$ref":"#/$defs/d0","$defs":{ {{string.Join(',', steps)}},"d60":true} }""", "{}", out _));
    }

    [Fact]
    public void A_recursive_schema_fits_a_finite_answer() => Assert.Equal(
        OutputFit.Fits, OutputSchema.Check("""{"type":"object","properties":{"next":{"$ref":"#"}},"additionalProperties":false}""", """{"next":{"next":{}}}""", out _));

    [Fact]
    public void A_regular_expression_of_a_caller_is_not_run() =>
        Assert.Equal(OutputFit.Fits, OutputSchema.Check("""{"properties":{"a":{"pattern":"^(a+)+$"}}}""", """{"a":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"}""", out _));

    private static Gen<string> One(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);
}

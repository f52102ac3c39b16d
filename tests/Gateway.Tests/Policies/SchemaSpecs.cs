using System.Text.Json;
using CsCheck;
using Gateway.Policies.Documents;
using Gateway.Tests.Support;
using Json.Schema;
using Xunit;
using static Gateway.Tests.Policies.Texts;

namespace Gateway.Tests.Policies;

/// <summary>The schema for editors says what the loader says, as far as a schema can.</summary>
public sealed class SchemaSpecs
{
    private static readonly JsonSchema Schema = JsonSchema.FromText(PolicySchema.Of(Tools).ToJsonString());

    [Theory]
    [InlineData("seed.json")]
    [InlineData("auditor.json")]
    [InlineData("team.json")]
    [InlineData("bypass-gate.json")]
    public void The_examples_fit(string name) => Assert.True(Fits(System.IO.File.ReadAllText(RepositoryFiles.Path($"tests/Gateway.Tests/Policies/Examples/{name}"))));

    [Fact]
    public void Every_policy_that_loads_fits() => Policies.Any.Sample(text => Assert.True(Fits(text), text), iter: 300);

    [Theory]
    [InlineData("""{ "limts": [] }""")]
    [InlineData("""{ "action": "require_approval" }""")]
    [InlineData("""{ "rate_limit": "10/minute" }""")]
    [InlineData("""{ "rate_limit": { "max": 0, "window": 60 } }""")]
    [InlineData("""{ "require": [{ "path": "model", "op": "eq", "value": 1 }] }""")]
    [InlineData("""{ "require": [{ "path": "args.model", "op": "equals", "value": 1 }] }""")]
    [InlineData("""{ "require": [{ "path": "args.model", "op": "in", "value": [] }] }""")]
    [InlineData("""{ "require": [{ "path": "args.model", "op": "lt", "value": "5" }] }""")]
    [InlineData("""{ "require": [{ "path": "args.model", "op": "exists", "value": 1 }] }""")]
    [InlineData("""{ "require": [{ "path": "args.model", "op": "under", "value": "srv" }] }""")]
    [InlineData("""{ "require": [{ "path": "args.model", "op": "eq" }] }""")]
    [InlineData("""{ "approval": { "required_if": [{ "path": "args.a", "op": "eq", "value": 1, "on_deny": "x" }] } }""")]
    [InlineData("""{ "approval": { "timeout": "30s" } }""")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": "week", "max": 1 }] }""")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": "day", "max": 1.5 }] }""")]
    [InlineData("""{ "limits": [{ "kind": "running", "max": 1, "window": "day" }] }""")]
    [InlineData("""{ "limits": [{ "counter": "c", "window": "day", "max": 1, "scope": "user" }] }""")]
    public void What_the_loader_refuses_does_not_fit(string rule)
    {
        Assert.NotEmpty(FaultsOf(Rule(rule)));
        Assert.False(Fits(Rule(rule)));
    }

    [Theory]
    [InlineData("""{ "version": "1" }""")]
    [InlineData("""{ "version": 1, "default": "deny" }""")]
    [InlineData("""{ "version": "1", "default": "deny", "hidden": [] }""")]
    [InlineData("""{ "version": "1", "default": "deny", "hide": "llm_job_list" }""")]
    [InlineData("""{ "version": "1", "default": "deny", "tools": { "*": {} } }""")]
    [InlineData("""{ "version": "1", "default": "deny", "all_tools": { "limits": [{ "counter": "c", "window": "day", "max": 1, "increment_from": "args.a" }] } }""")]
    public void A_policy_that_the_loader_refuses_does_not_fit(string policy)
    {
        Assert.NotEmpty(FaultsOf(policy));
        Assert.False(Fits(policy));
    }

    [Fact]
    public void The_names_of_the_tools_are_offered() =>
        Assert.Equal(Tools.All.Select(t => t.Name), PolicySchema.Of(Tools)["properties"]!["tools"]!["properties"]!.AsObject().Select(p => p.Key));

    private static bool Fits(string text) => Schema.Evaluate(JsonElement.Parse(text)).IsValid;
}

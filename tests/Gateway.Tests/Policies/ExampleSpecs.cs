using Gateway.Policies.Approvals;
using Gateway.Policies.Evaluation;
using Gateway.Tests.Support;
using Xunit;
using static Gateway.Tests.Policies.Texts;

namespace Gateway.Tests.Policies;

/// <summary>The complete examples of the specification.</summary>
public sealed class ExampleSpecs
{
    [Theory]
    [InlineData("seed.json", "W03")]
    [InlineData("auditor.json")]
    [InlineData("team.json")]
    [InlineData("bypass-gate.json")]
    public void An_example_loads_as_it_stands(string name, params string[] warnings) => Assert.Equal(warnings, Snapshot(Example(name)).Warnings.Select(w => w.Code));

    [Fact]
    public void The_seed_names_what_its_caller_lacks() =>
        Assert.Contains("\"llm_job_status\": {} and \"llm_job_result\": {}", Assert.Single(Snapshot(Example("seed.json")).Warnings).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{ "model": "haiku", "workingDir": "/srv/repos/team-a/x", "maxBudgetUsd": 2 }""", null)]
    [InlineData("""{ "model": "opus", "workingDir": "/srv/repos/team-a/x", "maxBudgetUsd": 2 }""", "/require/args.model-in")]
    [InlineData("""{ "model": "haiku", "workingDir": "/srv/repos/team-b", "maxBudgetUsd": 2 }""", "/require/args.workingDir-under")]
    [InlineData("""{ "model": "haiku", "workingDir": "/srv/repos/shared" }""", "/require/args.maxBudgetUsd-lte")]
    [InlineData("""{ "model": "haiku", "workingDir": "/srv/repos/shared", "maxBudgetUsd": 2, "addDir": ["/srv/repos/shared/a", "/etc"] }""", "/deny_if/args.addDir-not_under")]
    [InlineData("""{ "model": "haiku", "workingDir": "/srv/repos/shared", "maxBudgetUsd": 2, "allowedTools": ["Read", "Bash(git *)"] }""", "/deny_if/args.allowedTools-regex")]
    [InlineData("""{ "model": "haiku", "workingDir": "/srv/repos/shared", "maxBudgetUsd": 2, "allowedTools": ["Read", "BashOutput"] }""", null)]
    public void The_team_may_do_what_its_policy_says(string arguments, string? rule) =>
        Assert.Equal(rule is null ? null : $"/tools/{Starter}{rule}", Judge(Example("team.json"), arguments).Refusal?.Rule);

    [Theory]
    [InlineData("""{ "workingDir": "/srv/sandboxes/1" }""", false)]
    [InlineData("""{ "workingDir": "/srv/sandboxes/1", "permissionMode": "bypassPermissions" }""", true)]
    [InlineData("""{ "workingDir": "/srv/sandboxes/1", "allowedTools": ["Bash"] }""", true)]
    [InlineData("""{ "workingDir": "/srv/sandboxes/1", "allowedTools": "Bash" }""", true)]
    [InlineData("""{ "workingDir": "/srv/sandboxes/1", "allowedTools": [7] }""", true)]
    public void A_bypass_asks_a_person(string arguments, bool asks)
    {
        var judgement = Judge(Example("bypass-gate.json"), arguments);

        Assert.Null(judgement.Refusal);
        Assert.Equal(asks ? new ApprovalTerms(ApprovalMode.Job, TimeSpan.FromMinutes(30), "a person must agree to this run", $"/tools/{Starter}/approval") : null, judgement.Approval);
        Assert.Equal($"{Starter}_rate", Assert.Single(judgement.Limits).Counter);
    }

    [Fact]
    public void The_auditor_reads_and_starts_nothing()
    {
        var auditor = Grant(Example("auditor.json"));

        Assert.Null(PolicyEngine.JudgeTool(auditor, "llm_job_list"));
        Assert.Equal("(hidden)", PolicyEngine.JudgeTool(auditor, Starter)?.Rule);
        Assert.Equal(["results", "reads"], Judge(Example("auditor.json"), "{}", "llm_job_result").Limits.Select(l => l.Counter));
    }

    private static string Example(string name) => System.IO.File.ReadAllText(RepositoryFiles.Path($"tests/Gateway.Tests/Policies/Examples/{name}"));
}

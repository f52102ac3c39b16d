using System.Text;
using Gateway.Policies.Cases;
using Gateway.Tests.Support;
using Xunit;
using static Gateway.Tests.Policies.Texts;

namespace Gateway.Tests.Policies;

/// <summary>The cases of the specification, played to the production engine and a store that is thrown away.</summary>
public sealed class CaseSpecs
{
    private static readonly IReadOnlyList<PolicyCase> Given = CasesOf("policy-cases.json");
    private static readonly IReadOnlyList<PolicyCase> Own = CasesOf("own-cases.json");

    public static TheoryData<string> Ids => [.. Given.Concat(Own).Select(c => c.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task A_case_goes_as_expected(string id) => Assert.Equal([], await DifferencesOfAsync(Given.Concat(Own).Single(c => c.Id == id)));

    [Fact]
    public async Task Twenty_requests_of_a_grant_may_wait_for_a_person()
    {
        var calls = string.Join(",", Enumerable.Range(0, 21).Select(i => $$"""{ "tool": "claude_request_async", "args": { "prompt": "{{i}}" }, "identity": "alice" }"""));
        var expected = string.Join(",", Enumerable.Repeat("""{ "kind": "approval_required" }""", 20));

        Assert.Equal([], await DifferencesOfAsync(Case(
            """{ "version": "1", "default": "deny", "tools": { "claude_request_async": { "approval": { "mode": "repeat" } } } }""",
            $$"""{{calls}}, { "tool": "claude_request_async", "args": { "prompt": "0" }, "identity": "bob" }""",
            $$"""{{expected}}, { "kind": "queue_full", "limit": 20, "remaining": 0, "rule": "/tools/claude_request_async/approval" }, { "kind": "approval_required" }""")));
    }

    [Theory]
    [InlineData("""{ "allowed": true }""", "allowed wanted True, got false")]
    [InlineData("""{ "denied": false }""", "denied wanted False, got true")]
    [InlineData("""{ "allowedCount": 1 }""", "allowedCount wanted 1, got 0")]
    [InlineData("""{ "deniedCount": 2 }""", "deniedCount wanted 2, got 1")]
    [InlineData("""{ "kind": "rate_limited" }""", "kind wanted rate_limited, got policy_denied")]
    [InlineData("""{ "rule": "(hidden)" }""", "rule wanted (hidden), got (default deny)")]
    [InlineData("""{ "limit": 1 }""", "limit wanted 1, got nothing")]
    [InlineData("""{ "remaining": 0 }""", "remaining wanted 0, got nothing")]
    [InlineData("""{ "retryAfterSeconds": 5 }""", "retryAfterSeconds wanted 5, got nothing")]
    [InlineData("""{ "reasonContains": "hidden" }""", "reasonContains wanted hidden, got Refused by policy: tool llm_job_list is not permitted by policy.")]
    [InlineData("""{ "jobState": "queued" }""", "jobState wanted queued, got nothing")]
    [InlineData("""{ "started": true }""", "started wanted True, got nothing")]
    [InlineData("""{ "approvalId": "A1" }""", "approvalId wanted A1, got nothing")]
    [InlineData("""{ "approvalIdNot": "A1" }""", "approvalIdNot wanted A1, got nothing")]
    [InlineData("""{ "policyAccepted": true }""", "policyAccepted wanted True, got nothing")]
    [InlineData("""{ "ok": true }""", "ok wanted True, got nothing")]
    [InlineData("""{ "listed": ["llm_job_list"] }""", "listed wanted [\"llm_job_list\"], got nothing")]
    [InlineData("""{ "auditEntries": [{ "tool": "x" }] }""", "auditEntries wanted { \"tool\": \"x\" }, got no such record, or not in this order")]
    [InlineData("""{ "alowed": true }""", "alowed wanted true, got an expectation that nobody knows")]
    public async Task What_is_not_as_expected_is_told(string expected, string difference) =>
        Assert.Equal([$"step 0: {difference}"], await DifferencesOfAsync(Case("""{ "version": "1", "default": "deny" }""", """{ "tool": "llm_job_list", "args": {}, "identity": "alice" }""", expected)));

    [Theory]
    [InlineData("""{ "listed": ["claude_request_async"] }""", """{ "control": "list", "identity": "alice" }""")]
    [InlineData("""{ "notListed": ["llm_job_list"] }""", """{ "control": "list", "identity": "alice" }""")]
    [InlineData("""{ "policyAccepted": false }""", """{ "control": "load" }""")]
    [InlineData("""{ "errorContains": "default" }""", """{ "control": "load" }""")]
    [InlineData("""{ "auditNotContains": ["llm_job_cancel"] }""", """{ "control": "audit" }""")]
    [InlineData("""{ "auditEntries": [{ "decision": "allowed", "grant": "bob" }] }""", """{ "control": "audit" }""")]
    public async Task What_a_control_shows_otherwise_is_told(string expected, string control) =>
        Assert.Single(await DifferencesOfAsync(Case("""{ "version": "1", "default": "allow", "hide": ["claude_request_async"] }""", $$"""{ "tool": "llm_job_cancel", "args": {}, "identity": "alice" }, {{control}}""", $$"""{}, {{expected}}""")));

    [Theory]
    [InlineData("{", "not JSON")]
    [InlineData("{}", "no cases")]
    [InlineData("""{ "cases": [{ "id": "X", "calls": [{}], "expect": [] }] }""", "Case X has 1 calls and expects 0")]
    [InlineData("""{ "cases": [{ "id": "X", "calls": [{}], "expect": [{}] }] }""", "Case X, step 0 is no object with a tool or a control")]
    [InlineData("""{ "cases": [{ "id": "X", "calls": [{ "control": "wait" }], "expect": [{}] }] }""", "unknown control wait")]
    [InlineData("""{ "cases": [{ "id": "X", "calls": [{ "control": "job", "of": 3 }], "expect": [{}] }] }""", "names step 3")]
    [InlineData("""{ "cases": [{ "id": "X", "calls": [{ "tool": "t", "repeat": 0 }], "expect": [{}] }] }""", "repeated 0 times")]
    [InlineData("""{ "cases": [{ "id": "X", "epoch": "noon", "calls": [], "expect": [] }] }""", "no time: noon")]
    public void What_is_no_file_of_cases_is_told(string text, string words) =>
        Assert.Contains(words, Assert.Throws<CaseFileException>(() => CaseFile.Read(Encoding.UTF8.GetBytes(text))).Message, StringComparison.Ordinal);

    private static IReadOnlyList<PolicyCase> CasesOf(string file) => CaseFile.Read(System.IO.File.ReadAllBytes(RepositoryFiles.Path($"tests/Gateway.Tests/Policies/{file}"))).Cases;

    private static PolicyCase Case(string policy, string calls, string expected) => CaseFile.Read(Encoding.UTF8.GetBytes(
        $$"""{ "identities": { "alice": { "tenant": "t1" }, "bob": { "tenant": "t1" } }, "cases": [{ "id": "X", "policy": {{policy}}, "calls": [{{calls}}], "expect": [{{expected}}] }] }""")).Cases[0];

    private static async Task<IEnumerable<string>> DifferencesOfAsync(PolicyCase one)
    {
        await using var gateway = new SimulatedGateway(one.PolicyText!, one.Identities, Tools);
        var result = await CaseRunner.PlayAsync(one, gateway, TestContext.Current.CancellationToken);
        return result.Differences.Select(d => $"step {d.Step}: {d.What} wanted {d.Wanted}, got {d.Got}");
    }
}

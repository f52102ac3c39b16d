using System.Collections.Concurrent;
using System.Text.Json;
using Gateway.Api.Auth;
using Gateway.Api.Policies;
using Gateway.Policies.Grants;
using Gateway.Tests.Policies;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Api;

public sealed class CallUnderPolicySpecs : IDisposable
{
    private readonly Bench bench = new();

    public void Dispose() => bench.Dispose();

    [Theory]
    [InlineData("""{"version":"1","default":"deny"}""", "(default deny)")]
    [InlineData("""{"version":"1","default":"allow","hide":["claude_request_async"]}""", "(hidden)")]
    [InlineData("""{"version":"1","default":"deny","tools":{"claude_request_async":{"action":"deny"}}}""", "/tools/claude_request_async/action")]
    [InlineData("""{"version":"1","default":"deny","tools":{"claude_request_async":{"require":[{"path":"args.model","op":"eq","value":"haiku"}]}}}""", "/tools/claude_request_async/require/args.model-eq")]
    public async Task What_the_policy_does_not_let_pass_makes_no_job_and_names_its_rule(string policy, string rule)
    {
        var reply = await CallAsync(policy, """{"prompt":"x"}""");

        Assert.Equal(("policy_denied", rule), (reply.Kind, reply.Error.GetProperty("rule").GetString()));
        Assert.StartsWith("Refused by policy: ", reply.Text, StringComparison.Ordinal);
        Assert.Empty(bench.Jobs.Submitted);
    }

    [Fact]
    public async Task Either_spelling_of_a_bypass_meets_a_rule_on_the_other()
    {
        const string Policy = """{"version":"1","default":"deny","tools":{"claude_request_async":{"deny_if":[{"path":"args.permissionMode","op":"eq","value":"bypassPermissions"}]}}}""";

        var reply = await CallAsync(Policy, """{"prompt":"x","dangerouslySkipPermissions":true}""");

        Assert.Equal("/tools/claude_request_async/deny_if/args.permissionMode-eq", reply.Error.GetProperty("rule").GetString());
    }

    [Fact]
    public async Task A_caller_without_a_policy_may_call_nothing()
    {
        var reply = await bench.CallAsync("llm_job_list", "{}", Bench.IdentityOf(new PolicyGrant("x", "t", "x", null), Scopes.All));

        Assert.Equal("(no policy)", reply.Error.GetProperty("rule").GetString());
        Assert.Single(bench.Jobs.Records);
    }

    [Fact]
    public void A_defect_of_the_engine_is_logged_with_its_place_and_without_what_the_caller_sent()
    {
        const string Policy = """{"version":"1","default":"deny","tools":{"claude_request_async":{"deny_if":[{"path":"args.prompt","op":"contains","value":"x"}]}}}""";
        ConcurrentQueue<string> lines = new();
        using var log = new LogLines(lines);
        var broken = TestPolicies.Of(Policy).With(rule => rule with { DenyIf = [rule.DenyIf[0] with { Test = argument => throw new InvalidDataException(argument.GetString()) }] });
        var identity = Bench.IdentityOf(new PolicyGrant("alice", "acme", "alice", broken), Scopes.All);
        var facts = bench.Tool("claude_request_async").Card.ToFacts();
        var call = new CallPolicy(identity, facts, [KeyValuePair.Create("prompt", JsonElement.Parse("\"secret\""))], CallOrigin.Of(null), DateTimeOffset.UnixEpoch, new FakeJobDesk().Audit, log);

        Assert.Equal("policy_unavailable", call.TermsOfJob(facts, null, null, null).Judgement?.Refusal?.Kind);

        var line = Assert.Single(lines);
        Assert.StartsWith("Error A call of claude_request_async could not be judged and was refused: System.IO.InvalidDataException", line, StringComparison.Ordinal);
        Assert.Contains("PolicyEngine", line, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
    }

    private Task<Bench.Reply> CallAsync(string policy, string arguments) =>
        bench.CallAsync("claude_request_async", arguments, Bench.IdentityOf(new PolicyGrant("alice", "acme", "alice", TestPolicies.Of(policy)), Scopes.All));
}

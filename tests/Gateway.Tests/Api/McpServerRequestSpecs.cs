using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>MCP servers by name, as a caller meets them.</summary>
public sealed class McpServerRequestSpecs : IDisposable
{
    private const string Tool = "claude_request_async";

    private static readonly (string, string)[] Registered =
    [
        ("McpServers:notes:Command", "/usr/bin/node"), ("McpServers:docs:ReadOnly", "true"), ("McpServers:docs:Url", "http://127.0.0.1:9/"),
        ("McpServers:theirs:Tenants:0", "other"), ("McpServers:forCodex:Providers:0", "codex"),
    ];

    private readonly Bench bench = new(Registered);

    public void Dispose() => bench.Dispose();

    [Theory]
    [InlineData("claude_request_async", """["notes"]""", true, "notes")]
    [InlineData("claude_request", """["notes","docs"]""", true, "notes docs")]
    [InlineData("claude_request_async", """["docs"]""", false, "docs")]
    [InlineData("claude_request_async", """["docs","docs"]""", false, "docs")]
    [InlineData("claude_request_async", "[]", false, "")]
    [InlineData("codex_request_async", """["forCodex"]""", true, "forCodex")]
    [InlineData("codex_request_async", """["docs"]""", false, "docs")]
    [InlineData("gemini_request", """["docs"]""", false, "docs")]
    [InlineData("gemini_request_async", """["notes"]""", true, "notes")]
    public async Task A_run_with_a_server_that_is_not_registered_as_read_only_is_a_writing_run(string tool, string servers, bool writes, string names)
    {
        // Nothing runs here: a tool that waits is not to wait.
        var wait = tool.EndsWith("_async", StringComparison.Ordinal) ? "" : ",\"waitMs\":0";
        (await bench.CallAsync(tool, $$"""{"prompt":"x","mcpServers":{{servers}}{{wait}}}""")).Succeeds();

        var request = bench.Jobs.LastSubmitted;
        Assert.Equal((writes, !writes, names), (request.Writes, request.Dedup, string.Join(' ', request.McpServers)));
    }

    [Fact]
    public async Task The_answer_says_which_were_asked_for_and_which_the_run_has()
    {
        var answer = (await bench.CallAsync(Tool, """{"prompt":"x","mcpServers":["docs","notes","docs"]}""")).Succeeds().Record.GetProperty("mcpServers");
        Assert.Equal(("""["docs","notes","docs"]""", """["docs","notes"]"""), (answer.GetProperty("requested").GetRawText(), answer.GetProperty("enabled").GetRawText()));
        Assert.False((await bench.CallAsync(Tool, """{"prompt":"x","mcpServers":[]}""")).Succeeds().Record.TryGetProperty("mcpServers", out _));
    }

    [Fact]
    public async Task Each_name_that_is_not_open_is_one_fault_that_tells_the_open_ones()
    {
        var faults = (await bench.CallAsync(Tool, """{"prompt":"x","mcpServers":["notes","theirs","forCodex","Notes","nobody"]}""")).Faults;

        Assert.Equal(["mcpServers[1]", "mcpServers[2]", "mcpServers[3]", "mcpServers[4]"], faults.Select(fault => fault.Field));
        Assert.All(faults, fault => Assert.Equal(("a server that is registered and open to you", "name one of docs, notes"), (fault.Limit, fault.Remedy)));
        Assert.Empty(bench.Jobs.Submitted);
    }

    [Fact]
    public async Task Where_none_is_open_the_fault_says_so()
    {
        using var bare = new Bench();
        Assert.Equal("leave it out: none is open to you", Assert.Single((await bare.CallAsync(Tool, """{"prompt":"x","mcpServers":["notes"]}""")).Faults).Remedy);
    }

    [Fact]
    public void Registered_names_are_judged_at_the_start() =>
        Assert.Contains("McpServers:a:Providers", Assert.Single(new Gateway.Api.Mcp.Servers.RegisteredServersValidator().Validate(null, new() { ["a"] = new() { Providers = ["x"] } }).Failures!), StringComparison.Ordinal);

    [Fact]
    public async Task A_policy_sees_the_names()
    {
        var facts = bench.Tool(Tool).Card.ToFacts();
        var policy = TestPolicies.Of("""{"version":"1","default":"allow","tools":{"claude_request_async":{"deny_if":[{"path":"args.mcpServers","op":"contains","value":"notes"}]}}}""", facts);
        var identity = Bench.IdentityOf(new Gateway.Policies.Grants.PolicyGrant("local", "default", "local", policy), Gateway.Api.Auth.Scopes.OfEmbeddedKey);

        await using var store = await new StoreBench(Registered).StartAsync();

        (await store.CallAsync(identity, Tool, """{"prompt":"x","mcpServers":["docs"]}""")).Succeeds();
        Assert.Equal("policy_denied", (await store.CallAsync(identity, Tool, """{"prompt":"x","mcpServers":["docs","notes"]}""")).Kind);
    }

    [Fact]
    public async Task A_worker_is_told_the_names_equal_calls_have_the_same_ones_and_a_repeat_keeps_them_or_not()
    {
        await using var store = await new StoreBench(Registered).StartAsync();
        var first = await StartAsync("""["docs"]""");
        Assert.Equal(first, await StartAsync("""["docs"]"""));
        Assert.NotEqual(first, await StartAsync("[]"));
        var job = Gateway.Jobs.JobIdText.TryParse(first, out var id) ? id : throw new InvalidOperationException(first);
        Assert.Equal(["docs"], (await store.Jobs.ClaimAsync(job, 1, Guid.NewGuid())).Granted!.Grant.McpServers);
        var other = await StartAsync("[]");
        Assert.True(Gateway.Jobs.JobIdText.TryParse(other, out var without));
        Assert.Null((await store.Jobs.ClaimAsync(without, 1, Guid.NewGuid())).Granted!.Grant.McpServers);

        var canceled = await StartAsync("""["docs","notes"]""");
        (await store.CallAsync(Bench.Me, "llm_job_cancel", $$"""{"jobId":"{{canceled}}"}""")).Succeeds();
        var again = (await store.CallAsync(Bench.Me, "llm_job_retry", $$"""{"jobId":"{{canceled}}"}""")).Succeeds().Record;
        Assert.Equal("""["docs","notes"]""", again.GetProperty("mcpServers").GetProperty("enabled").GetRawText());
        var less = (await store.CallAsync(Bench.Me, "llm_job_retry", $$$"""{"jobId":"{{{canceled}}}","overrides":{"mcpServers":["docs"]}}""")).Succeeds().Record;
        Assert.Equal("""["docs"]""", less.GetProperty("mcpServers").GetProperty("enabled").GetRawText());
        var fault = Assert.Single((await store.CallAsync(Bench.Me, "llm_job_retry", $$$"""{"jobId":"{{{canceled}}}","overrides":{"mcpServers":["theirs"]}}""")).Faults);
        Assert.Equal("overrides.mcpServers[0]", fault.Field);
        Assert.Equal("conflict", (await StartWithKeyAsync("""["docs"]""", """["notes"]""")).Kind);

        async Task<string> StartAsync(string servers) =>
            (await store.CallAsync(Bench.Me, Tool, $$"""{"prompt":"x","mcpServers":{{servers}}}""")).Succeeds().Record.GetProperty("jobId").GetString()!;

        async Task<Bench.Reply> StartWithKeyAsync(string servers, string others)
        {
            (await store.CallAsync(Bench.Me, Tool, $$"""{"prompt":"x","idempotencyKey":"k","mcpServers":{{servers}}}""")).Succeeds();
            return await store.CallAsync(Bench.Me, Tool, $$"""{"prompt":"x","idempotencyKey":"k","mcpServers":{{others}}}""");
        }
    }
}

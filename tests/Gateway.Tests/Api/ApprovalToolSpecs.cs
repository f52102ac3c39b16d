using System.Text.Json;
using Gateway.Api.Auth;
using Gateway.Jobs;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Lifecycle;
using Gateway.Policies.Grants;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>The tools by which callers read requests for approval and decide those of others, on the real store.</summary>
public sealed class ApprovalToolSpecs : IDisposable
{
    private const string Asks = """{"version":"1","default":"allow","tools":{"claude_request_async":{"approval":{"reason":"a person has to agree","timeout":"2h"}},"llm_process_health":{"approval":{}}}}""";
    private const string Secret = "the prompt of alice";
    private static readonly string[] Reader = [Scopes.JobsRun, Scopes.JobsRead, Scopes.BypassPermissions];
    private static readonly string[] Deciding = [Scopes.JobsRead, Scopes.ApprovalsDecide];
    private static readonly string[] Admin = [Scopes.JobsRun, Scopes.JobsRead, Scopes.JobsAdmin];
    private readonly TestFolder folder = new();
    private readonly Bench bench = new(("McpServers:notes:ReadOnly", "true"));

    public void Dispose()
    {
        bench.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_request_of_a_job_tells_all_that_a_person_needs_and_no_argument_but_the_prompts_beginning()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var started = (await CallAsync(jobs, "alice", Reader, "claude_request_async", $$"""{"prompt":"{{Secret}}{{new string('x', 600)}}","model":"opus","dangerouslySkipPermissions":true,"mcpServers":["notes"]}""")).Succeeds().Record;

        var reply = (await CallAsync(jobs, "alice", Reader, "approval_list", "{}")).Succeeds();

        Assert.Equal(1, reply.Record.GetProperty("count").GetInt32());
        Assert.Equal($"1 requests, 1 of them wait for a decision. Newest: {started.GetProperty("approval").GetProperty("id").GetString()} for claude_request_async.", reply.Text);
        var entry = Assert.Single(reply.Record.GetProperty("approvals").EnumerateArray());
        Assert.Equal(
            ["argumentNames", "bypassRequested", "cli", "expiresAt", "fullAuto", "id", "jobId", "mode", "operation", "policy", "promptPreview", "promptSha256", "reason", "reasons", "requestedMcpServers", "rule", "status", "ts"],
            entry.EnumerateObject().Select(m => m.Name).Order(StringComparer.Ordinal));
        Assert.Equal(
            (started.GetProperty("approval").GetProperty("id").GetString(), "pending", "job", "claude", "claude_request_async", started.GetProperty("jobId").GetString()),
            (Text(entry, "id"), Text(entry, "status"), Text(entry, "mode"), Text(entry, "cli"), Text(entry, "operation"), Text(entry, "jobId")));
        Assert.Equal(("test", "/tools/claude_request_async/approval", "a person has to agree"), (Text(entry, "policy"), Text(entry, "rule"), Text(entry, "reason")));
        Assert.Equal("""["notes"]""", entry.GetProperty("requestedMcpServers").GetRawText());
        Assert.Equal(["dangerouslySkipPermissions", "mcpServers", "model", "prompt"], entry.GetProperty("argumentNames").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(500, Text(entry, "promptPreview")!.Length);
        Assert.True(entry.GetProperty("bypassRequested").GetBoolean());
        Assert.False(entry.GetProperty("fullAuto").GetBoolean());
        Assert.Equal(["a person has to agree", "the run would ask nobody before it acts"], entry.GetProperty("reasons").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(started.GetProperty("approval").GetProperty("expiresAt").GetString(), Text(entry, "expiresAt"));
        Assert.Equal(TimeSpan.FromHours(2), entry.GetProperty("expiresAt").GetDateTimeOffset() - entry.GetProperty("ts").GetDateTimeOffset());
        Assert.DoesNotContain("opus", reply.Record.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_by_repeat_of_a_tool_without_a_cli_has_neither_cli_nor_job_nor_prompt()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var asked = await CallAsync(jobs, "alice", Reader, "llm_process_health", "{}");

        var entry = Assert.Single((await CallAsync(jobs, "alice", Reader, "approval_list", """{"status":"pending"}""")).Succeeds().Record.GetProperty("approvals").EnumerateArray());

        Assert.Equal((asked.Error.GetProperty("approvalId").GetString(), "repeat", "llm_process_health"), (Text(entry, "id"), Text(entry, "mode"), Text(entry, "operation")));
        Assert.All(["cli", "jobId", "promptPreview", "promptSha256", "decidedBy"], name => Assert.False(entry.TryGetProperty(name, out _), name));
    }

    [Fact]
    public async Task Callers_see_their_own_deciders_their_tenants_and_admins_those_without_prompts_and_nobody_another_tenants()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        await StartAsync(jobs, "alice");
        await StartAsync(jobs, "root", Admin);
        await StartAsync(jobs, "eve", Reader, "evil");

        Assert.Equal([Secret], Previews(await CallAsync(jobs, "alice", Reader, "approval_list", "{}")));
        Assert.Empty(Previews(await CallAsync(jobs, "bob", Reader, "approval_list", "{}")));
        Assert.Equal([Secret, Secret], Previews(await CallAsync(jobs, "carol", Deciding, "approval_list", "{}")));
        Assert.Equal([Secret, "[redacted]"], Previews(await CallAsync(jobs, "root", Admin, "approval_list", "{}")));
        Assert.Equal(["[redacted]", "[redacted]"], Previews(await CallAsync(jobs, "other", Admin, "approval_list", "{}")));
        Assert.Equal([Secret, Secret], Previews(await CallAsync(jobs, "carol", [.. Deciding, Scopes.JobsAdmin], "approval_list", "{}")));
        Assert.Equal([Secret], Previews(await CallAsync(jobs, "x", Deciding, "approval_list", "{}", "evil")));
    }

    [Fact]
    public async Task Pages_join_by_a_cursor_that_is_for_the_same_caller_and_filters_alone()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await StartAsync(jobs, "alice");
        }

        var all = Ids(await CallAsync(jobs, "alice", Reader, "approval_list", "{}"));
        var first = await CallAsync(jobs, "alice", Reader, "approval_list", """{"limit":2}""");
        var cursor = Text(first.Record, "nextCursor");
        var second = await CallAsync(jobs, "alice", Reader, "approval_list", $$"""{"limit":2,"cursor":"{{cursor}}"}""");
        var third = await CallAsync(jobs, "alice", Reader, "approval_list", $$"""{"limit":2,"cursor":"{{Text(second.Record, "nextCursor")}}"}""");

        Assert.Equal(all, [.. Ids(first), .. Ids(second), .. Ids(third)]);
        Assert.EndsWith("More with nextCursor.", first.Text, StringComparison.Ordinal);
        Assert.False(third.Record.TryGetProperty("nextCursor", out _));
        Assert.Equal("invalid_input", (await CallAsync(jobs, "bob", Reader, "approval_list", $$"""{"cursor":"{{cursor}}"}""")).Kind);
        Assert.Equal("invalid_input", (await CallAsync(jobs, "alice", Reader, "approval_list", $$"""{"status":"pending","cursor":"{{cursor}}"}""")).Kind);
        Assert.Equal("invalid_input", (await CallAsync(jobs, "alice", Reader, "llm_job_list", $$"""{"cursor":"{{cursor}}"}""")).Kind);
        Assert.Equal("invalid_input", (await CallAsync(jobs, "alice", Reader, "approval_list", """{"status":"open"}""")).Kind);
        Assert.Equal("invalid_input", (await CallAsync(jobs, "alice", Reader, "approval_list", """{"limit":501}""")).Kind);
    }

    [Fact]
    public async Task Another_caller_that_may_decides_once_and_the_answer_shows_request_and_job()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var (jobId, id) = await StartAsync(jobs, "alice");

        var yes = (await CallAsync(jobs, "carol", Deciding, "approval_decide", $$"""{"approvalId":"{{id}}","decision":"approve","comment":"fine"}""")).Succeeds();

        var (approval, job) = (yes.Record.GetProperty("approval"), yes.Record.GetProperty("job"));
        Assert.Equal((id, "approved", "carol", "fine", Secret), (Text(approval, "id"), Text(approval, "status"), Text(approval, "decidedBy"), Text(approval, "comment"), Text(approval, "promptPreview")));
        Assert.Equal((jobId, "queued"), (Text(job, "id"), Text(job, "status")));
        Assert.False(job.TryGetProperty("owner", out _));
        Assert.Matches($"^{id} was approved at .*Z by carol\\. {jobId} is queued\\.$", yes.Text);
        Assert.Equal(jobId, JobIdText.Format((await jobs.NextCommandAsync()).JobId));

        var again = await CallAsync(jobs, "dave", Deciding, "approval_decide", $$"""{"approvalId":"{{id}}","decision":"reject"}""");
        Assert.Equal(("conflict", "approvalId"), (again.Kind, Text(again.Error, "field")));
        Assert.Contains("was approved at", again.Text, StringComparison.Ordinal);
        Assert.Contains("by carol", again.Text, StringComparison.Ordinal);
        Assert.False(jobs.Commands.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_no_fails_the_job_and_those_who_may_know_it_see_whose_job_it_is()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var (jobId, id) = await StartAsync(jobs, "alice");

        var no = (await CallAsync(jobs, "carol", [.. Deciding, Scopes.JobsAdmin], "approval_decide", $$"""{"approvalId":"{{id}}","decision":"reject","comment":"not today"}""")).Succeeds().Record;

        Assert.Equal(("rejected", "not today"), (Text(no.GetProperty("approval"), "status"), Text(no.GetProperty("approval"), "comment")));
        Assert.Equal((jobId, "failed", "alice", "approval_rejected"), (Text(no.GetProperty("job"), "id"), Text(no.GetProperty("job"), "status"), Text(no.GetProperty("job"), "owner"), Text(no.GetProperty("job").GetProperty("failure"), "kind")));
    }

    [Fact]
    public async Task Nobody_decides_an_own_request_or_another_tenants_or_without_the_scope()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var (_, id) = await StartAsync(jobs, "alice");
        var arguments = $$"""{"approvalId":"{{id}}","decision":"approve"}""";

        var own = await CallAsync(jobs, "alice", Scopes.All, "approval_decide", arguments);
        Assert.Equal("forbidden", own.Kind);
        Assert.Contains("own request", own.Text, StringComparison.Ordinal);
        Assert.Equal("forbidden", (await CallAsync(jobs, "carol", Reader, "approval_decide", arguments)).Kind);
        var foreign = await CallAsync(jobs, "carol", Deciding, "approval_decide", arguments, "evil");
        var unknown = await CallAsync(jobs, "carol", Deciding, "approval_decide", arguments.Replace(id, ApprovalIdText.Format(ApprovalIdText.NewId()), StringComparison.Ordinal));
        Assert.Equal(("not_found", "not_found"), (foreign.Kind, unknown.Kind));
        Assert.Equal("not_found", (await CallAsync(jobs, "carol", Deciding, "approval_decide", """{"approvalId":"apr_","decision":"approve"}""")).Kind);
        Assert.Equal("not_found", (await CallAsync(jobs, "carol", Deciding, "approval_decide", arguments.Replace("apr_", "job_", StringComparison.Ordinal))).Kind);
        Assert.Equal(["pending"], Statuses(await CallAsync(jobs, "alice", Reader, "approval_list", "{}")));
    }

    [Fact]
    public async Task A_decision_that_is_no_word_and_a_comment_that_is_too_long_are_faults_and_decide_nothing()
    {
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var (_, id) = await StartAsync(jobs, "alice");

        var wrong = await CallAsync(jobs, "carol", Deciding, "approval_decide", $$"""{"approvalId":"{{id}}","decision":"approved","comment":"{{new string('x', 501)}}"}""");

        Assert.Equal(["comment", "decision"], wrong.Faults.Select(fault => fault.Field).Order(StringComparer.Ordinal));
        Assert.Equal(["pending"], Statuses(await CallAsync(jobs, "alice", Reader, "approval_list", "{}")));
    }

    [Fact]
    public async Task A_rule_that_has_changed_closes_the_request_and_the_decider_is_told_so()
    {
        var policies = new PolicyOfTheDay { Says = null };
        await using var jobs = await new EmbeddedJobs(folder, configure: services => services.AddSingleton<IPolicyInForce>(policies)).StartAsync();
        var (jobId, id) = await StartAsync(jobs, "alice");

        var closed = await CallAsync(jobs, "carol", Deciding, "approval_decide", $$"""{"approvalId":"{{id}}","decision":"approve"}""");

        Assert.Equal("conflict", closed.Kind);
        Assert.Contains("was void at", closed.Text, StringComparison.Ordinal);
        Assert.Contains("has no policy any more", closed.Text, StringComparison.Ordinal);
        Assert.True(JobIdText.TryParse(jobId, out var job));
        await EmbeddedJobs.EventuallyAsync(async () => (await jobs.JobAsync(job)).CurrentState == nameof(JobLifecycle.Failed), "the job waits on");
    }

    private async Task<(string JobId, string ApprovalId)> StartAsync(EmbeddedJobs jobs, string who, string[]? scopes = null, string tenant = "acme")
    {
        var record = (await CallAsync(jobs, who, scopes ?? Reader, "claude_request_async", $$"""{"prompt":"{{Secret}}"}""", tenant)).Succeeds().Record;
        return (record.GetProperty("jobId").GetString()!, record.GetProperty("approval").GetProperty("id").GetString()!);
    }

    private Task<Bench.Reply> CallAsync(EmbeddedJobs jobs, string who, IEnumerable<string> scopes, string tool, string arguments, string tenant = "acme") => bench.CallAsync(
        tool,
        arguments,
        Bench.IdentityOf(new PolicyGrant(who, tenant, who, TestPolicies.Of(Asks, bench.Tools.Select(t => t.Card.ToFacts()))), scopes),
        Bench.DeskOf(jobs));

    private static string? Text(JsonElement record, string name) => record.GetProperty(name).GetString();

    private static List<string?> Ids(Bench.Reply reply) => Of(reply, "id");

    private static List<string?> Statuses(Bench.Reply reply) => Of(reply, "status");

    private static List<string?> Previews(Bench.Reply reply) => Of(reply, "promptPreview");

    private static List<string?> Of(Bench.Reply reply, string member) => [.. reply.Succeeds().Record.GetProperty("approvals").EnumerateArray().Select(entry => Text(entry, member))];
}

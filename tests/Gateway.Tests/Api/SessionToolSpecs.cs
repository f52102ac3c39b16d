using System.Text.Json;
using Gateway.Api.Auth;
using Gateway.Jobs;
using Gateway.Policies.Grants;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>The tools by which callers see and change their conversations, on the real store.</summary>
public sealed class SessionToolSpecs : IAsyncLifetime
{
    private static readonly Caller Alice = new("acme", "alice");
    private readonly StoreBench bench = new();

    public async ValueTask InitializeAsync() => await bench.StartAsync();

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    [Fact]
    public async Task A_session_that_is_made_is_empty_and_the_active_one_unless_that_is_not_wanted()
    {
        var reply = await CallAsync("session_create", """{"cli":"claude","description":"nightly review"}""");

        var session = reply.Record.GetProperty("session");
        Assert.Equal(["cli", "createdAt", "description", "id", "isActive"], Names(session));
        Assert.Equal(("claude", "nightly review", true), (Text(session, "cli"), Text(session, "description"), session.GetProperty("isActive").GetBoolean()));
        Assert.Equal($"{Text(session, "id")} is an empty conversation of claude. It is the active one of claude: calls that name no session go on with it.", reply.Text);
        var other = (await CallAsync("session_create", """{"cli":"claude","setAsActive":false}""")).Record.GetProperty("session");
        Assert.False(other.GetProperty("isActive").GetBoolean());
        Assert.False(other.TryGetProperty("description", out _));
    }

    [Fact]
    public async Task The_list_tells_of_each_session_and_of_the_active_ones()
    {
        var job = await bench.CompletedAsync(Alice);
        var made = Text((await CallAsync("session_create", """{"cli":"codex"}""")).Record.GetProperty("session"), "id");

        var reply = await CallAsync("session_list", "{}");

        Assert.Equal(2, reply.Record.GetProperty("total").GetInt32());
        var sessions = reply.Record.GetProperty("sessions").EnumerateArray().ToList();
        Assert.All(sessions, session => Assert.Equal(["cli", "createdAt", "id", "isActive", "jobCount", "lastUsedAt"], Names(session)));
        var session = sessions.Single(s => Text(s, "cli") == "claude");
        Assert.Equal(((await bench.Jobs.JobAsync(job)).SessionId.ToString(), 1), (Text(session, "id"), session.GetProperty("jobCount").GetInt32()));
        Assert.Equal($$"""{"codex":"{{made}}"}""", reply.Record.GetProperty("activeSessions").GetRawText());
        Assert.StartsWith("2 of 2 conversations.", reply.Text, StringComparison.Ordinal);
        Assert.Equal(made, Text(Assert.Single((await CallAsync("session_list", """{"cli":"codex"}""")).Record.GetProperty("sessions").EnumerateArray()), "id"));
    }

    [Fact]
    public async Task Pages_join_and_a_cursor_is_for_its_filters_alone()
    {
        for (var i = 0; i < 5; i++)
        {
            await CallAsync("session_create", """{"cli":"claude"}""");
        }

        HashSet<string> seen = [];
        string? cursor = null;
        do
        {
            var record = (await CallAsync("session_list", cursor is null ? """{"limit":2}""" : $$"""{"limit":2,"cursor":"{{cursor}}"}""")).Record;
            Assert.Equal(5, record.GetProperty("total").GetInt32());
            Assert.All(record.GetProperty("sessions").EnumerateArray(), session => Assert.True(seen.Add(Text(session, "id"))));
            cursor = record.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);
        Assert.Equal(5, seen.Count);

        cursor = Text((await CallAsync("session_list", """{"limit":2}""")).Record, "nextCursor");
        foreach (var (caller, arguments) in new[] { (Alice, $$"""{"cli":"claude","cursor":"{{cursor}}"}"""), (new Caller("acme", "bob"), $$"""{"cursor":"{{cursor}}"}""") })
        {
            Assert.Equal("cursor", Assert.Single((await bench.CallAsync(caller, "session_list", arguments)).Faults).Field);
        }

        Assert.Equal("cursor", Assert.Single((await bench.CallAsync(Alice, "llm_job_list", $$"""{"cursor":"{{cursor}}"}""")).Faults).Field);
    }

    [Fact]
    public async Task One_session_is_shown_with_all_that_is_known_of_it()
    {
        var job = await bench.CompletedAsync(Alice);
        var id = (await bench.Jobs.JobAsync(job)).SessionId;
        await bench.Jobs.ReadAsync(db => db.Sessions.ExecuteUpdateAsync(set => set
            .SetProperty(s => s.Model, "opus").SetProperty(s => s.WorkingDirectory, "/srv/a").SetProperty(s => s.WorktreeJson, """{"name":"w"}""").SetProperty(s => s.CostUsd, 1.25m)
            .SetProperty(s => s.InputTokens, 3).SetProperty(s => s.ProviderSessionId, "9f1c1f9e-3f5e-4b57-8f5e-0123456789ab")));

        var reply = await CallAsync("session_get", $$"""{"sessionId":"{{id}}"}""");

        var session = reply.Record.GetProperty("session");
        Assert.Equal(["cli", "costUsd", "createdAt", "id", "isActive", "jobCount", "lastJobId", "lastUsedAt", "model", "providerSessionId", "usage", "workingDir", "worktree"], Names(session));
        Assert.Equal((JobIdText.Format(job), "opus", "/srv/a", 1.25m), (Text(session, "lastJobId"), Text(session, "model"), Text(session, "workingDir"), session.GetProperty("costUsd").GetDecimal()));
        Assert.Equal("""{"name":"w"}""", session.GetProperty("worktree").GetRawText());
        Assert.Equal(id.ToString(), Text((await CallAsync("session_get", """{"sessionId":"9F1C1F9E-3F5E-4B57-8F5E-0123456789AB"}""")).Record.GetProperty("session"), "id"));

        // What an alias stands for on the host is nobody's business.
        await bench.Jobs.ReadAsync(db => db.Sessions.ExecuteUpdateAsync(set => set.SetProperty(s => s.Workspace, "web")));
        session = (await CallAsync("session_get", $$"""{"sessionId":"{{id}}"}""")).Record.GetProperty("session");
        Assert.Equal(("web", false), (Text(session, "workspace"), session.TryGetProperty("workingDir", out _)));
    }

    [Fact]
    public async Task A_session_is_made_active_and_none_is_when_none_is_named()
    {
        var id = Text((await CallAsync("session_create", """{"cli":"claude","setAsActive":false}""")).Record.GetProperty("session"), "id");

        var chosen = await CallAsync("session_set_active", $$"""{"cli":"claude","sessionId":"{{id}}"}""");
        Assert.Equal($$"""{"success":true,"cli":"claude","activeSessionId":"{{id}}"}""", chosen.Record.GetRawText());
        Assert.True((await CallAsync("session_get", $$"""{"sessionId":"{{id}}"}""")).Record.GetProperty("session").GetProperty("isActive").GetBoolean());
        foreach (var none in (string[])["", ""","sessionId":null""", ""","sessionId":"" """])
        {
            await CallAsync("session_set_active", $$"""{"cli":"claude","sessionId":"{{id}}"}""");
            var cleared = await CallAsync("session_set_active", $$"""{"cli":"claude"{{none}}}""");
            Assert.Equal("""{"success":true,"cli":"claude"}""", cleared.Record.GetRawText());
            Assert.False((await CallAsync("session_get", $$"""{"sessionId":"{{id}}"}""")).Record.GetProperty("session").GetProperty("isActive").GetBoolean());
        }

        var fault = Assert.Single((await bench.CallAsync(Alice, "session_set_active", $$"""{"cli":"codex","sessionId":"{{id}}"}""")).Faults);
        Assert.Equal(("cli", "claude"), (fault.Field, fault.Limit));
        Assert.Equal("not_found", (await bench.CallAsync(Alice, "session_set_active", $$"""{"cli":"claude","sessionId":"{{Guid.NewGuid()}}"}""")).Kind);
    }

    [Fact]
    public async Task A_session_in_use_is_a_conflict_that_names_its_job_and_afterwards_it_goes_once()
    {
        var running = await bench.RunningAsync(Alice);
        var id = (await bench.Jobs.JobAsync(running)).SessionId;
        var arguments = $$"""{"sessionId":"{{id}}"}""";
        var used = await bench.CallAsync(Alice, "session_delete", arguments);
        Assert.Equal("conflict", used.Kind);
        Assert.Contains(JobIdText.Format(running), used.Text, StringComparison.Ordinal);
        Assert.Equal((0, 1), Cleared(await CallAsync("session_clear_all", "{}")));

        await bench.CompleteAsync(running);
        Assert.Equal($$$"""{"success":true,"deletedSession":{"id":"{{{id}}}","cli":"claude"}}""", (await CallAsync("session_delete", arguments)).Record.GetRawText());

        Assert.Equal("not_found", (await bench.CallAsync(Alice, "session_delete", arguments)).Kind);
        Assert.Equal(0, (await CallAsync("session_list", "{}")).Record.GetProperty("total").GetInt32());
        (await bench.CallAsync(Alice, "llm_job_result", $$"""{"jobId":"{{JobIdText.Format(running)}}"}""")).Succeeds();
    }

    [Fact]
    public async Task All_sessions_of_one_CLI_or_of_all_are_deleted_and_nobody_elses()
    {
        foreach (var cli in (string[])["claude", "codex", "codex", "gemini"])
        {
            await CallAsync("session_create", $$"""{"cli":"{{cli}}"}""");
        }

        await bench.CompletedAsync(new Caller("acme", "bob"));
        var codex = await CallAsync("session_clear_all", """{"cli":"codex"}""");
        Assert.Equal(("codex", (2, 0)), (Text(codex.Record, "cli"), Cleared(codex)));
        Assert.Equal("2 conversations of codex are deleted.", codex.Text);
        var all = await CallAsync("session_clear_all", "{}");
        Assert.Equal(("all", (2, 0)), (Text(all.Record, "cli"), Cleared(all)));
        Assert.Equal(1, await bench.Jobs.ReadAsync(db => db.Sessions.CountAsync()));
    }

    [Fact]
    public async Task A_job_in_an_empty_session_begins_it_and_its_jobs_are_listed_by_it()
    {
        var id = Text((await CallAsync("session_create", """{"cli":"claude"}""")).Record.GetProperty("session"), "id");

        var started = await CallAsync("claude_request_async", """{"prompt":"x"}""");

        Assert.Equal((id, "active_session_used"), (Text(started.Record, "sessionId"), Text(Assert.Single(started.Record.GetProperty("warnings").EnumerateArray()), "code")));
        await CallAsync("claude_request_async", """{"prompt":"x","createNewSession":true}""");
        var listed = Assert.Single((await CallAsync("llm_job_list", $$"""{"sessionId":"{{id}}"}""")).Record.GetProperty("jobs").EnumerateArray());
        Assert.Equal(Text(started.Record, "jobId"), Text(listed, "id"));
        var unkept = await CallAsync("claude_request_async", """{"prompt":"y","noSessionPersistence":true}""");
        Assert.False(unkept.Record.TryGetProperty("sessionId", out _));
        Assert.False(unkept.Record.GetProperty("job").TryGetProperty("sessionId", out _));
        Assert.Equal(2, (await CallAsync("session_list", "{}")).Record.GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Writing_tools_leave_one_record_each_without_a_value_and_need_their_scope_and_their_rule()
    {
        var id = Text((await CallAsync("session_create", """{"cli":"claude","description":"hush"}""")).Record.GetProperty("session"), "id");
        await CallAsync("session_set_active", """{"cli":"claude"}""");
        await CallAsync("session_delete", $$"""{"sessionId":"{{id}}"}""");
        await CallAsync("session_clear_all", "{}");
        Assert.Equal("not_found", (await bench.CallAsync(Alice, "session_get", $$"""{"sessionId":"{{id}}"}""")).Kind);
        Assert.Equal("not_found", (await bench.CallAsync(Alice, "claude_request_async", $$"""{"prompt":"hush","sessionId":"{{id}}"}""")).Kind);
        var rows = await bench.Jobs.ReadAsync(db => db.Audit.OrderBy(a => a.AuditId).Select(a => new { a.Tool, a.Decision, a.Record }).ToListAsync());
        Assert.Equal(
            [("session_create", "allowed"), ("session_set_active", "allowed"), ("session_delete", "allowed"), ("session_clear_all", "allowed"), ("session_get", "denied"), ("claude_request_async", "denied")],
            rows.Select(row => (row.Tool, row.Decision)));
        Assert.All(rows, row => Assert.DoesNotContain("hush", row.Record, StringComparison.Ordinal));

        var denies = Bench.IdentityOf(new PolicyGrant("ci", Alice.Tenant, Alice.Grant, TestPolicies.Of("""{"version":"1","default":"deny","tools":{"session_list":{}}}""")), Scopes.All);
        var reads = Bench.IdentityOf(Alice, [Scopes.JobsRead]);
        foreach (var (tool, arguments) in new[] { ("session_create", """{"cli":"claude"}"""), ("session_set_active", """{"cli":"claude"}"""), ("session_delete", $$"""{"sessionId":"{{id}}"}"""), ("session_clear_all", "{}") })
        {
            Assert.Equal("policy_denied", (await bench.CallAsync(denies, tool, arguments)).Kind);
            Assert.Equal("forbidden", (await bench.CallAsync(reads, tool, arguments)).Kind);
        }

        (await bench.CallAsync(denies, "session_list", "{}")).Succeeds();
        Assert.Equal("policy_denied", (await bench.CallAsync(denies, "session_get", $$"""{"sessionId":"{{id}}"}""")).Kind);
    }

    [Theory]
    [InlineData("session_create", """{"cli":"cursor"}""", "cli")]
    [InlineData("session_create", """{}""", "cli")]
    [InlineData("session_create", """{"cli":"claude","description":""}""", "description")]
    [InlineData("session_create", """{"cli":"claude","workspace":"../x"}""", "workspace")]
    [InlineData("session_create", """{"cli":"claude","setAsActive":"yes"}""", "setAsActive")]
    [InlineData("session_list", """{"limit":201}""", "limit")]
    [InlineData("session_list", """{"owner":"*"}""", "owner")]
    [InlineData("session_get", """{}""", "sessionId")]
    [InlineData("session_delete", """{"sessionId":5}""", "sessionId")]
    [InlineData("session_set_active", """{"sessionId":"x"}""", "cli")]
    [InlineData("session_clear_all", """{"cli":"all"}""", "cli")]
    public async Task Arguments_outside_the_limits_are_refused_by_name(string tool, string arguments, string field) =>
        Assert.Equal(field, Assert.Single((await bench.CallAsync(Alice, tool, arguments)).Faults).Field);

    private async Task<Bench.Reply> CallAsync(string tool, string arguments)
    {
        var reply = (await bench.CallAsync(Alice, tool, arguments)).Succeeds();
        Assert.InRange(reply.Text.Length, 1, 400);
        return reply;
    }

    private static (int Deleted, int Skipped) Cleared(Bench.Reply reply) => (reply.Record.GetProperty("deletedCount").GetInt32(), reply.Record.GetProperty("skippedCount").GetInt32());

    private static string Text(JsonElement record, string name) => record.GetProperty(name).GetString()!;

    private static IEnumerable<string> Names(JsonElement record) => record.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal);
}

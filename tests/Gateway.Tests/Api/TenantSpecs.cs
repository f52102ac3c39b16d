using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Api.Auth;
using Gateway.Jobs;
using Gateway.Policies.Grants;
using Gateway.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>Tenants and grants on one store: to have an id, a key or a cursor of somebody else is to have nothing.</summary>
public sealed partial class TenantSpecs : IAsyncLifetime
{
    private static readonly Caller Alice = new("acme", "alice");
    private static readonly Caller SameTenant = new("acme", "bob");
    private static readonly Caller SameGrant = new("bolt", "alice");
    private readonly StoreBench bench = new();

    public async ValueTask InitializeAsync() => await bench.StartAsync();

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    public static TheoryData<string, string> CallsWithAnId => new()
    {
        { "llm_job_status", """{"jobId":"ID"}""" },
        { "llm_job_status", """{"jobId":"ID","afterProgressSeq":0,"progressLimit":64}""" },
        { "llm_job_status", """{"jobId":"ID","waitMs":45000}""" },
        { "llm_job_status", """{"jobId":"ID","waitMs":45000,"waitFor":"terminal"}""" },
        { "llm_job_result", """{"jobId":"ID"}""" },
        { "llm_job_result", """{"jobId":"ID","attempt":1,"textOffsetBytes":1}""" },
        { "llm_job_result", """{"jobId":"ID","attempt":7}""" },
        { "llm_job_result", """{"jobId":"ID","rawOutput":true,"stdoutOffsetChars":1}""" },
        { "llm_job_cancel", """{"jobId":"ID","reason":"mine"}""" },
        { "llm_job_retry", """{"jobId":"ID"}""" },
        { "llm_job_retry", """{"jobId":"ID","overrides":{"prompt":"p"},"idempotencyKey":"k"}""" },
        { "llm_job_retry", """{"jobId":"ID","overrides":{"maxTurns":0}}""" },
    };

    [Theory]
    [MemberData(nameof(CallsWithAnId))]
    public async Task The_id_of_somebody_elses_job_is_answered_as_an_unknown_one_in_text_and_statements(string tool, string arguments)
    {
        Guid[] jobs = [await bench.Jobs.SubmitAsync(caller: Alice), await bench.RunningAsync(Alice), await bench.CompletedAsync(Alice)];
        var before = await bench.Jobs.ReadAsync(db => Task.FromResult(db.Jobs.Select(j => new { j.CorrelationId, j.CurrentState, j.Version }).ToList()));
        foreach (var stranger in (Caller[])[SameTenant, SameGrant])
        {
            var (unknown, said) = await AnswerAsync(stranger, JobIdText.NewId());
            Assert.Contains("Job not found: ID.", unknown, StringComparison.Ordinal);
            Assert.NotEmpty(said);
            foreach (var job in jobs)
            {
                var foreign = await AnswerAsync(stranger, job);
                Assert.Equal(unknown, foreign.Text);
                Assert.Equal(said, foreign.Statements);
            }
        }

        Assert.Equal(before, await bench.Jobs.ReadAsync(db => Task.FromResult(db.Jobs.Select(j => new { j.CorrelationId, j.CurrentState, j.Version }).ToList())));

        async Task<(string Text, IReadOnlyList<string> Statements)> AnswerAsync(Caller stranger, Guid id)
        {
            var name = JobIdText.Format(id);
            var (reply, statements) = await bench.WatchAsync(stranger, tool, arguments.Replace("ID", name, StringComparison.Ordinal));
            Assert.Equal("not_found", reply.Kind);
            return ((reply.Record.GetRawText() + reply.Text).Replace(name, "ID", StringComparison.Ordinal), statements);
        }
    }

    [Theory]
    [InlineData("session_get", """{"sessionId":"ID"}""")]
    [InlineData("session_delete", """{"sessionId":"ID"}""")]
    [InlineData("session_set_active", """{"cli":"claude","sessionId":"ID"}""")]
    [InlineData("claude_request_async", """{"prompt":"p","sessionId":"ID"}""")]
    [InlineData("claude_request_async", """{"prompt":"p","sessionId":"ID","forkSession":true}""")]
    [InlineData("claude_request", """{"prompt":"p","sessionId":"ID","workingDir":null}""")]
    [InlineData("codex_request_async", """{"prompt":"p","sessionId":"ID"}""")]
    [InlineData("gemini_request_async", """{"prompt":"p","sessionId":"ID"}""")]
    public async Task The_id_of_somebody_elses_session_is_answered_as_an_unknown_one_in_text_and_statements(string tool, string arguments)
    {
        var open = (await bench.Jobs.JobAsync(await bench.RunningAsync(Alice))).SessionId;
        var free = (await bench.Jobs.JobAsync(await bench.CompletedAsync(Alice))).SessionId;
        var thread = Guid.NewGuid();
        await bench.Jobs.ReadAsync(db => db.Sessions.Where(s => s.SessionId == free).ExecuteUpdateAsync(set => set.SetProperty(s => s.ProviderSessionId, thread.ToString("d"))));
        foreach (var stranger in (Caller[])[SameTenant, SameGrant])
        {
            var (unknown, said) = await AnswerAsync(stranger, Guid.NewGuid());
            Assert.Contains("Session not found: ID.", unknown, StringComparison.Ordinal);
            Assert.Contains(said, statement => statement.Contains("\"Sessions\"", StringComparison.Ordinal));
            foreach (var session in (Guid[])[open, free, thread])
            {
                var foreign = await AnswerAsync(stranger, session);
                Assert.Equal(unknown, foreign.Text);
                Assert.Equal(said, foreign.Statements);
            }
        }

        Assert.Equal((2, 2, 0), await bench.Jobs.ReadAsync(async db => (await db.Sessions.CountAsync(s => s.JobCount == 1), await db.Jobs.CountAsync(), await db.ActiveSessions.CountAsync())));

        async Task<(string Text, IReadOnlyList<string> Statements)> AnswerAsync(Caller stranger, Guid id)
        {
            var name = id.ToString("d");
            var (reply, statements) = await bench.WatchAsync(stranger, tool, arguments.Replace("ID", name, StringComparison.Ordinal));
            Assert.Equal("not_found", reply.Kind);

            // The ceiling of waiting jobs is counted anew once in a while, whoever asks.
            string[] said = [.. statements.Where(statement => !statement.StartsWith("SELECT COUNT(*)", StringComparison.Ordinal))];
            return ((reply.Record.GetRawText() + reply.Text).Replace(name, "ID", StringComparison.Ordinal), said);
        }
    }

    [Fact]
    public async Task Neither_lists_nor_defaults_nor_clearings_reach_sessions_of_somebody_else()
    {
        await bench.CompletedAsync(Alice);
        (await bench.CallAsync(Alice, "session_create", """{"cli":"claude","description":"of alice"}""")).Succeeds();
        foreach (var stranger in (Caller[])[SameTenant, SameGrant])
        {
            var list = (await bench.CallAsync(stranger, "session_list", "{}")).Succeeds().Record.GetRawText();
            Assert.Equal("""{"success":true,"total":0,"sessions":[],"activeSessions":{}}""", list);
            Assert.Equal(0, (await bench.CallAsync(stranger, "session_clear_all", "{}")).Succeeds().Record.GetProperty("deletedCount").GetInt32());
            Assert.Equal("not_found", (await bench.CallAsync(stranger, "claude_request_async", """{"prompt":"p","continueSession":true}""")).Kind);
            Assert.False((await bench.CallAsync(stranger, "claude_request_async", """{"prompt":"p"}""")).Succeeds().Record.TryGetProperty("warnings", out _));
        }

        Assert.Equal(2, await bench.Jobs.ReadAsync(db => db.Sessions.CountAsync(s => s.Tenant == Alice.Tenant && s.Grant == Alice.Grant)));
    }

    [Fact]
    public async Task A_list_shows_own_jobs_alone_whatever_its_filters_are_made_of()
    {
        var theirs = await bench.CompletedAsync(Alice, "a prompt of alice");
        var session = (await bench.Jobs.JobAsync(theirs)).SessionId;
        string[] filters =
        [
            "{}", """{"status":["completed"]}""", """{"cli":"claude"}""", $$"""{"sessionId":"{{session}}"}""", """{"correlationId":"correlation-1"}""", """{"text":"a prompt of alice"}""",
            """{"text":"%%"}""", """{"text":"' OR 1=1 --"}""", """{"label":["\" OR 1=1 --"]}""", """{"label":["%"]}""", """{"createdAfter":"2000-01-01T00:00:00Z"}""", """{"limit":100}""",
        ];
        foreach (var stranger in (Caller[])[SameTenant, SameGrant])
        {
            var own = JobIdText.Format(await bench.Jobs.SubmitAsync(caller: stranger));
            foreach (var filter in filters)
            {
                var record = (await bench.CallAsync(stranger, "llm_job_list", filter)).Succeeds().Record;
                Assert.All(record.GetProperty("jobs").EnumerateArray(), job => Assert.Equal(own, job.GetProperty("id").GetString()));
                Assert.False(record.TryGetProperty("nextCursor", out _));
            }

            // Even who may see other owners sees none of another tenant.
            foreach (var owner in (string[])["*", "", "alice", "acme/alice", "bob", "' OR 1=1 --"])
            {
                var seen = await SeenAsync(stranger, owner);
                Assert.Empty(seen.Select(job => job.GetProperty("id").GetString()).Except(stranger.Tenant == Alice.Tenant ? [own, JobIdText.Format(theirs)] : [own]));
            }
        }
    }

    [Fact]
    public async Task Who_may_see_other_owners_sees_all_jobs_of_the_tenant_and_not_what_they_ask_for()
    {
        var theirs = JobIdText.Format(await bench.CompletedAsync(Alice, "a prompt of alice"));
        var own = JobIdText.Format(await bench.Jobs.SubmitAsync(caller: SameTenant));

        var seen = (await SeenAsync(SameTenant, "*")).ToDictionary(job => job.GetProperty("id").GetString()!);

        Assert.Equal(new[] { theirs, own }.Order(StringComparer.Ordinal), seen.Keys.Order(StringComparer.Ordinal));
        Assert.All(seen.Values, job => Assert.True(job.TryGetProperty("owner", out _)));
        Assert.Equal((false, true), (seen[theirs].TryGetProperty("promptPreview", out _), seen[own].TryGetProperty("promptPreview", out _)));
    }

    [Fact]
    public async Task The_name_of_another_callers_request_is_answered_like_one_that_nobody_gave()
    {
        await bench.CompletedAsync(Alice);
        foreach (var stranger in (Caller[])[SameTenant, SameGrant])
        {
            var theirs = await NamedAsync(stranger, "correlation-1");
            Assert.Equal(await NamedAsync(stranger, "correlation-0"), theirs, (one, other) => one.Text == other.Text && one.Statements.SequenceEqual(other.Statements));
            Assert.NotEmpty(theirs.Statements);
        }

        (await bench.CallAsync(Alice, "llm_request_result", """{"correlationId":"correlation-1"}""")).Succeeds();

        async Task<(string Text, IReadOnlyList<string> Statements)> NamedAsync(Caller stranger, string name)
        {
            var (reply, statements) = await bench.WatchAsync(stranger, "llm_request_result", $$"""{"correlationId":"{{name}}"}""");
            Assert.Equal("not_found", reply.Kind);
            return ((reply.Record.GetRawText() + reply.Text).Replace(name, "ID", StringComparison.Ordinal), statements);
        }
    }

    private async Task<IReadOnlyList<JsonElement>> SeenAsync(Caller caller, string owner) =>
    [
        .. (await bench.CallAsync(caller, "llm_job_list", owner.Length == 0 ? "{}" : $$"""{"owner":"{{owner}}"}""", Scopes.JobsAdmin)).Succeeds().Record.GetProperty("jobs").EnumerateArray(),
    ];

    [Theory]
    [InlineData("""{"tenant":"acme"}""", "tenant")]
    [InlineData("""{"grant":"alice"}""", "grant")]
    [InlineData("""{"caller":"acme/alice"}""", "caller")]
    [InlineData("""{"sort":"createdAt; DROP TABLE Jobs"}""", "sort")]
    [InlineData("""{"orderBy":"tenant"}""", "orderBy")]
    [InlineData("""{"sessionId":"' OR 1=1 --                         "}""", "sessionId")]
    [InlineData("""{"correlationId":"' OR 1=1 --"}""", "correlationId")]
    [InlineData("""{"status":["completed' OR 1=1 --"]}""", "status[0]")]
    [InlineData("""{"createdAfter":"2000-01-01T00:00:00Z' OR 1=1"}""", "createdAfter")]
    [InlineData("""{"cursor":"' OR 1=1 --"}""", "cursor")]
    public async Task What_is_no_filter_is_refused_by_its_name_before_the_store_is_asked(string arguments, string field)
    {
        await bench.Jobs.SubmitAsync(caller: Alice);
        var (reply, statements) = await bench.WatchAsync(SameTenant, "llm_job_list", arguments);

        Assert.Equal(field, Assert.Single(reply.Faults).Field);
        Assert.DoesNotContain(statements, statement => statement.Contains("\"Jobs\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_cursor_of_somebody_else_is_no_cursor()
    {
        await bench.Jobs.SubmitAsync(caller: Alice);
        await bench.Jobs.SubmitAsync(caller: Alice);
        var cursor = (await bench.CallAsync(Alice, "llm_job_list", """{"limit":1}""")).Succeeds().Record.GetProperty("nextCursor").GetString()!;
        (await bench.CallAsync(Alice, "llm_job_list", $$"""{"cursor":"{{cursor}}"}""")).Succeeds();
        var garbage = new string('A', cursor.Length);
        foreach (var stranger in (Caller[])[SameTenant, SameGrant])
        {
            var (reply, statements) = await bench.WatchAsync(stranger, "llm_job_list", $$"""{"cursor":"{{cursor}}"}""");
            var (made, saidOfMade) = await bench.WatchAsync(stranger, "llm_job_list", $$"""{"cursor":"{{garbage}}"}""");

            Assert.Equal("cursor", Assert.Single(reply.Faults).Field);
            Assert.Equal(made.Record.GetRawText().Replace(garbage, cursor, StringComparison.Ordinal), reply.Record.GetRawText());
            Assert.Equal(saidOfMade, statements);
        }
    }

    [Fact]
    public async Task A_key_that_another_tenant_used_makes_a_job_and_hints_at_nothing()
    {
        var first = await SubmitAsync(Alice, "p", "k");
        foreach (var stranger in (Caller[])[SameTenant, SameGrant])
        {
            // One that nobody has used is the measure; other arguments under the used key are no conflict either.
            var fresh = await SubmitAsync(stranger, "p", "n");
            var used = await SubmitAsync(stranger, "p", "k");
            Assert.NotEqual(first.Id, used.Id);
            Assert.Equal(fresh.Text.Replace("\"n\"", "\"k\"", StringComparison.Ordinal), used.Text);
            Assert.Equal(fresh.Statements, used.Statements);
            Assert.Equal("conflict", (await bench.CallAsync(stranger, "claude_request_async", """{"prompt":"other","idempotencyKey":"k"}""")).Kind);
        }

        Assert.Equal(first.Id, (await SubmitAsync(Alice, "p", "k")).Id);
        Assert.NotEqual(first.Id, (await SubmitAsync(new Caller("third", "alice"), "other arguments", "k")).Id);
    }

    [Fact]
    public async Task Answers_name_no_row_but_the_job_its_conversation_and_what_the_caller_named()
    {
        var id = await bench.CompletedAsync(Alice);
        await bench.RunningAsync(Alice);
        await bench.CompletedAsync(SameTenant);
        var job = await bench.Jobs.JobAsync(id);
        var name = JobIdText.Format(id);
        var text = string.Concat(
            await TextAsync("llm_job_status", $$"""{"jobId":"{{name}}","progressLimit":64}"""),
            await TextAsync("llm_job_result", $$"""{"jobId":"{{name}}","rawOutput":true}"""),
            await TextAsync("llm_job_list", $$"""{"sessionId":"{{job.SessionId}}"}"""),
            await TextAsync("llm_process_health", "{}"),
            await TextAsync("claude_request_async", """{"prompt":"p","correlationId":"mine"}"""));

        var own = await bench.Jobs.ReadAsync(db => Task.FromResult(db.Jobs.Where(j => j.Tenant == Alice.Tenant && j.Grant == Alice.Grant).Select(j => new { j.CorrelationId, j.SessionId }).ToList()));
        var stored = Identifiers();
        Assert.Contains(job.SessionId, stored);
        Assert.True(stored.Count > own.Count * 2, "the store holds ids of its own");
        var shown = AnyId().Matches(text).Select(match => match.Value.StartsWith("job_", StringComparison.Ordinal) ? JobIdText.TryParse(match.Value, out var read) ? read : Guid.Empty : Guid.Parse(match.Value)).ToHashSet();
        Assert.Contains(id, shown);
        Assert.Empty(shown.Except(own.Select(j => j.CorrelationId)).Except(own.Select(j => j.SessionId)));
        Assert.DoesNotContain(stored.Except(own.Select(j => j.SessionId)), other => text.Contains(other.ToString("D"), StringComparison.OrdinalIgnoreCase) || text.Contains(other.ToString("N"), StringComparison.OrdinalIgnoreCase));

        async Task<string> TextAsync(string tool, string arguments)
        {
            var reply = (await bench.CallAsync(Alice, tool, arguments)).Succeeds();
            return reply.Record.GetRawText() + reply.Text;
        }
    }

    [Theory]
    [InlineData("""{"prompt":"hush","permissionMode":"bypassPermissions"}""", false, "forbidden")]
    [InlineData("""{"prompt":"hush","dangerouslySkipPermissions":true}""", false, "forbidden")]
    [InlineData("""{"prompt":"hush","permissionMode":"bypassPermissions"}""", true, "policy_denied")]
    [InlineData("""{"prompt":"hush","dangerouslySkipPermissions":true}""", true, "policy_denied")]
    [InlineData("""{"prompt":"hush","allowedTools":["Read","Bash(hush *)"]}""", true, "policy_denied")]
    [InlineData("""{"prompt":"hush","model":"hush"}""", true, "policy_denied")]
    public async Task What_is_beyond_scope_or_policy_is_refused_and_recorded_without_a_value(string arguments, bool hasScope, string kind)
    {
        const string Policy = """
            { "version": "1", "default": "deny", "tools": { "claude_request_async": {
                "require": [{ "path": "args.model", "op": "in", "value": ["haiku"] }],
                "deny_if": [{ "path": "args.permissionMode", "op": "eq", "value": "bypassPermissions" }, { "path": "args.allowedTools", "op": "regex", "value": "^Bash" }] } } }
            """;
        var identity = Bench.IdentityOf(new PolicyGrant("ci", Alice.Tenant, Alice.Grant, TestPolicies.Of(Policy)), hasScope ? Scopes.All : Scopes.OfEmbeddedKey);

        var reply = await bench.CallAsync(identity, "claude_request_async", arguments);

        Assert.Equal(kind, reply.Kind);
        var row = await bench.Jobs.ReadAsync(db => Task.FromResult(db.Audit.Single()));
        Assert.Equal((Alice.Tenant, Alice.Grant, "claude_request_async", "denied"), (row.Tenant, row.Grant, row.Tool, row.Decision));
        Assert.Contains($"\"kind\":\"{kind}\"", row.Record, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", row.Record, StringComparison.Ordinal);
        Assert.Equal(0, await bench.Jobs.ReadAsync(db => Task.FromResult(db.Jobs.Count())));
    }

    [GeneratedRegex("job_[a-z2-7]{26}|[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")]
    private static partial Regex AnyId();

    [GeneratedRegex("\"(id|jobId|sessionId|createdAt|queuedAt|lastActivityAt|correlationId)\":\"[^\"]*\"|job_[a-z2-7]{26}|\"queuePosition\":[0-9]+| at place [0-9]+")]
    private static partial Regex OfThisJobAlone();

    private async Task<(string Id, string Text, IReadOnlyList<string> Statements)> SubmitAsync(Caller caller, string prompt, string key)
    {
        var (reply, statements) = await bench.WatchAsync(caller, "claude_request_async", $$"""{"prompt":"{{prompt}}","idempotencyKey":"{{key}}","dedup":false}""");
        reply.Succeeds();
        return (reply.Record.GetProperty("jobId").GetString()!, OfThisJobAlone().Replace(reply.Record.GetRawText() + reply.Text, "."), statements);
    }

    /// <summary>Everything in the file that reads as an id.</summary>
    private HashSet<Guid> Identifiers()
    {
        HashSet<Guid> found = [];
        using var connection = bench.Folder.Open();
        List<string> tables = [];
        Read(connection, "SELECT name FROM sqlite_master WHERE type = 'table'", row => tables.Add(row.GetString(0)));
        foreach (var table in tables)
        {
            Read(connection, $"SELECT * FROM \"{table}\"", row =>
            {
                for (var i = 0; i < row.FieldCount; i++)
                {
                    if (row.GetValue(i) is string text && Guid.TryParse(text, out var id))
                    {
                        found.Add(id);
                    }
                }
            });
        }

        return found;
    }

    private static void Read(SqliteConnection connection, string statement, Action<SqliteDataReader> take)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Names of our own tables.
        command.CommandText = statement;
#pragma warning restore CA2100
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            take(rows);
        }
    }
}

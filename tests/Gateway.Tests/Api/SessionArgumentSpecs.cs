using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Reading;
using Gateway.Contracts.Workspaces;
using Gateway.Jobs.Sessions;
using Gateway.Policies.Grants;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>Which conversation a call goes on with.</summary>
public sealed class SessionArgumentSpecs : IDisposable
{
    private const string Claude = "claude_request_async";
    private static readonly string Root = Directory.GetCurrentDirectory();
    private static readonly Caller Stranger = new(Bench.Me.Tenant, "somebody");
    private readonly Bench bench = new(("Workspaces:Roots:0", Root));

    public void Dispose() => bench.Dispose();

    [Theory]
    [InlineData("claude")]
    [InlineData("codex")]
    [InlineData("gemini")]
    public async Task A_session_that_is_named_is_gone_on_with_by_its_exact_id_in_its_turn(string cli)
    {
        var session = bench.Jobs.Conversations.Add(Bench.Me, cli);

        var request = await SubmittedAsync($"{cli}_request_async", $$"""{"prompt":"x","sessionId":"{{session.Id}}"}""");

        Assert.Equal(new ConversationChoice { Resumes = session.Id }, request.Conversation);
        Assert.Equal([TurnKeys.OfSession(session.Id)], request.Turns);
    }

    [Fact]
    public async Task The_CLIs_own_id_leads_to_the_session_too()
    {
        var thread = Guid.NewGuid();
        var session = bench.Jobs.Conversations.Add(Bench.Me, "codex", made => made with { ProviderSessionId = thread.ToString("d") });

        var request = await SubmittedAsync("codex_request_async", $$"""{"prompt":"x","sessionId":"{{thread}}"}""");

        Assert.Equal(session.Id, request.Conversation.Resumes);
    }

    [Theory]
    [InlineData(Claude, "continueSession")]
    [InlineData("codex_request_async", "resumeLatest")]
    [InlineData("gemini_request_async", "resumeLatest")]
    public async Task The_newest_session_is_that_of_the_caller_the_CLI_and_the_directory(string tool, string argument)
    {
        var cli = tool.Split('_')[0];
        Add(Bench.Me, cli, null);
        var here = Add(Bench.Me, cli, Root);
        var nowhere = Add(Bench.Me, cli, null);
        Add(Stranger, cli, Root);
        Add(Bench.Me, cli == "claude" ? "codex" : "claude", Root);
        bench.Jobs.Conversations.Add(Bench.Me, cli, made => made with { WorkingDirectory = Root, JobCount = 0 });

        Assert.Equal(here.Id, (await SubmittedAsync(tool, $$"""{"prompt":"x","{{argument}}":true,"workingDir":"{{Root}}"}""")).Conversation.Resumes);
        Assert.Equal(nowhere.Id, (await SubmittedAsync(tool, $$"""{"prompt":"x","{{argument}}":true}""")).Conversation.Resumes);
        var none = await bench.CallAsync(tool, $$"""{"prompt":"x","{{argument}}":true,"workingDir":"{{Root}}/none"}""");
        Assert.Equal(("not_found", argument), (none.Kind, none.Error.GetProperty("field").GetString()));
    }

    [Fact]
    public async Task Without_a_session_argument_the_active_one_goes_on_and_the_call_is_told()
    {
        var active = bench.Jobs.Conversations.Add(Bench.Me, change: made => made with { IsActive = true });

        var reply = (await bench.CallAsync(Claude, """{"prompt":"x"}""")).Succeeds();

        var warning = Assert.Single(reply.Record.GetProperty("warnings").EnumerateArray());
        Assert.Equal(("active_session_used", "sessionId"), (warning.GetProperty("code").GetString(), warning.GetProperty("field").GetString()));
        Assert.Contains(active.Id.ToString("D"), warning.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal((active.Id, false), (bench.Jobs.LastSubmitted.Conversation.Resumes, bench.Jobs.LastSubmitted.Dedup));
    }

    [Theory]
    [InlineData("codex_request_async", """{"prompt":"x"}""")]
    [InlineData(Claude, """{"prompt":"x","createNewSession":true}""")]
    [InlineData(Claude, """{"prompt":"x","noSessionPersistence":true}""")]
    public async Task The_active_session_is_left_aside_by_another_CLI_and_by_who_wants_a_new_one(string tool, string arguments)
    {
        bench.Jobs.Conversations.Add(Bench.Me, change: made => made with { IsActive = true });
        bench.Jobs.Conversations.Add(Stranger, "codex", made => made with { IsActive = true });

        var reply = (await bench.CallAsync(tool, arguments)).Succeeds();

        Assert.False(reply.Record.TryGetProperty("warnings", out _));
        Assert.Null(bench.Jobs.LastSubmitted.Conversation.Resumes);
        Assert.Equal(!arguments.Contains("Persistence", StringComparison.Ordinal), bench.Jobs.LastSubmitted.Conversation.Keeps);
    }

    [Theory]
    [InlineData("""{"prompt":"x","createNewSession":true,"sessionId":"ID","continueSession":true,"forkSession":true}""", "continueSession continueSession forkSession sessionId")]
    [InlineData("""{"prompt":"x","sessionId":"ID","continueSession":true,"maxTurns":0}""", "continueSession maxTurns")]
    [InlineData("""{"prompt":"x","noSessionPersistence":true,"sessionId":"ID"}""", "sessionId")]
    [InlineData("""{"prompt":"x","noSessionPersistence":true,"continueSession":true,"forkSession":true}""", "continueSession forkSession")]
    public async Task Arguments_that_exclude_each_other_are_told_all_at_once(string arguments, string fields)
    {
        var session = bench.Jobs.Conversations.Add(Bench.Me);

        var reply = await bench.CallAsync(Claude, arguments.Replace("ID", session.Id.ToString(), StringComparison.Ordinal));

        Assert.Equal(fields.Split(' '), reply.Faults.Select(fault => fault.Field).Order(StringComparer.Ordinal));
        Assert.Empty(bench.Jobs.Submitted);
    }

    [Fact]
    public async Task A_fork_begins_a_session_with_what_the_other_holds_and_does_not_wait_for_it()
    {
        var session = Add(Bench.Me, "codex", Root);

        var request = await SubmittedAsync("codex_request_async", $$"""{"prompt":"x","sessionId":"{{session.Id}}","forkSession":true}""");

        Assert.Equal(new ConversationChoice { Resumes = session.Id, Forks = true }, request.Conversation);
        Assert.Equal((Root, 0), (request.WorkingDirectory, request.Turns.Count));
    }

    [Fact]
    public async Task What_nothing_was_said_in_cannot_be_forked_and_what_is_not_named_neither()
    {
        var empty = bench.Jobs.Conversations.Add(Bench.Me, change: made => made with { HasBegun = false });

        Assert.Equal("conflict", (await bench.CallAsync(Claude, $$"""{"prompt":"x","sessionId":"{{empty.Id}}","forkSession":true}""")).Kind);
        Assert.Equal("forkSession", Assert.Single((await bench.CallAsync(Claude, """{"prompt":"x","forkSession":true}""")).Faults).Field);
        Assert.Empty(bench.Jobs.Submitted);
    }

    [Theory]
    [InlineData("sessionId")]
    [InlineData("fork")]
    [InlineData("resumeLatest")]
    [InlineData("active")]
    public async Task What_Codex_takes_in_a_new_session_alone_is_refused_of_one_that_goes_on_one_fault_each(string how)
    {
        using var open = new Bench(
            ("Workspaces:Aliases:shop:Path", Root), ("Workspaces:Aliases:shop:AllowAddDir", "true"),
            ("Starters:Allow:codex:profile:0", "team"), ("Starters:Allow:codex:oss:0", "true"), ("Starters:Allow:codex:localProvider:0", "ollama"));
        var session = open.Jobs.Conversations.Add(Bench.Me, "codex", made => made with { Workspace = "shop", WorkingDirectory = Root, IsActive = how == "active" });
        const string newAlone = """ "workspace":"shop","sandboxMode":"workspace-write","profile":"team","oss":true,"localProvider":"ollama","addDir":["lib"] """;
        var wish = how switch { "active" => "", "resumeLatest" => ",\"resumeLatest\":true", "fork" => $",\"sessionId\":\"{session.Id}\",\"forkSession\":true", _ => $",\"sessionId\":\"{session.Id}\"" };

        var reply = await open.CallAsync("codex_request_async", $$"""{"prompt":"x",{{newAlone}}{{wish}}}""");

        Assert.Equal("invalid_input", reply.Kind);
        Assert.Equal(["profile", "oss", "localProvider", "addDir"], reply.Faults.Select(fault => fault.Field));
        Assert.All(reply.Faults, fault => Assert.Equal("only in a new session", fault.Limit));
        Assert.All(reply.Faults, fault => Assert.StartsWith(how == "active" ? "send createNewSession, since the active session would go on" : "leave it out", fault.Remedy, StringComparison.Ordinal));
        Assert.Empty(open.Jobs.Submitted);

        (await open.CallAsync("codex_request_async", $$"""{"prompt":"x",{{newAlone}},"createNewSession":true}""")).Succeeds();
        Assert.Null(open.Jobs.LastSubmitted.Conversation.Resumes);
    }

    [Fact]
    public async Task A_session_that_was_made_and_not_yet_used_is_a_new_one()
    {
        using var open = new Bench(("Starters:Allow:codex:profile:0", "team"));
        var session = open.Jobs.Conversations.Add(Bench.Me, "codex", made => made with { JobCount = 0, HasBegun = false });

        (await open.CallAsync("codex_request_async", $$"""{"prompt":"x","profile":"team","sessionId":"{{session.Id}}"}""")).Succeeds();

        Assert.Equal(session.Id, open.Jobs.LastSubmitted.Conversation.Resumes);
    }

    [Fact]
    public async Task The_session_has_its_directory_and_another_one_does_not_fit()
    {
        var session = Add(Bench.Me, "claude", Root);

        Assert.Equal(Root, (await SubmittedAsync(Claude, $$"""{"prompt":"x","sessionId":"{{session.Id}}"}""")).WorkingDirectory);
        Assert.Equal(Root, (await SubmittedAsync(Claude, $$"""{"prompt":"x","sessionId":"{{session.Id}}","workingDir":"{{Root}}/"}""")).WorkingDirectory);
        var other = await bench.CallAsync(Claude, $$"""{"prompt":"x","sessionId":"{{session.Id}}","workingDir":"{{Root}}/other"}""");
        Assert.Equal(("workingDir", "the directory of the session"), (Assert.Single(other.Faults).Field, Assert.Single(other.Faults).Limit));
    }

    [Fact]
    public async Task A_writing_run_takes_the_turn_of_its_sessions_directory_too()
    {
        var session = Add(Bench.Me, "claude", Root);
        string[] both = [DirectoryTurnKey.Of("default", Root), TurnKeys.OfSession(session.Id)];

        Assert.Equal(both, (await SubmittedAsync(Claude, $$"""{"prompt":"x","sessionId":"{{session.Id}}","permissionMode":"acceptEdits"}""")).Turns);
        Assert.Equal(both, (await SubmittedAsync(Claude, $$"""{"prompt":"x","sessionId":"{{session.Id}}","permissionMode":"acceptEdits","workingDir":"{{Root}}"}""")).Turns);
        Assert.Equal(both[..1], (await SubmittedAsync(Claude, $$"""{"prompt":"x","sessionId":"{{session.Id}}","permissionMode":"acceptEdits","forkSession":true}""")).Turns);
    }

    [Fact]
    public async Task Two_names_of_one_directory_are_one_turn_and_one_that_nobody_sees_here_has_that_of_its_name()
    {
        using var folder = new TestFolder();
        var real = Directory.CreateDirectory(folder.File("real")).FullName;
        Directory.CreateSymbolicLink(folder.File("link"), real);
        using var other = new Bench(("Workspaces:Roots:0", folder.Path));

        async Task<string> TurnAsync(string directory)
        {
            (await other.CallAsync(Claude, $$"""{"prompt":"x","permissionMode":"acceptEdits","workingDir":"{{directory}}"}""")).Succeeds();
            return Assert.Single(other.Jobs.LastSubmitted.Turns);
        }

        Assert.Equal(await TurnAsync(real), await TurnAsync(folder.File("link")));
        Assert.NotEqual(await TurnAsync(real), await TurnAsync(folder.Path));
        Assert.Equal(DirectoryTurnKey.Of("default", folder.File("elsewhere")), await TurnAsync(folder.File("elsewhere")));
    }

    [Fact]
    public async Task A_session_of_another_CLI_is_told_to_be_one()
    {
        var session = Add(Bench.Me, "codex", null);

        var fault = Assert.Single((await bench.CallAsync(Claude, $$"""{"prompt":"x","sessionId":"{{session.Id}}"}""")).Faults);

        Assert.Equal(("sessionId", "a session of claude"), (fault.Field, fault.Limit));
        Assert.Contains("codex_request_async", fault.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../other")]
    [InlineData("")]
    [InlineData("--last")]
    [InlineData("9f1c1f9e3f5e4b578f5e0123456789ab")]
    [InlineData("{9f1c1f9e-3f5e-4b57-8f5e-0123456789ab}")]
    [InlineData("9f1c1f9e-3f5e-4b57-8f5e-0123456789ab")]
    [InlineData("STRANGER")]
    public async Task An_id_that_is_not_the_callers_is_unknown_whatever_its_shape(string id)
    {
        id = id.Replace("STRANGER", bench.Jobs.Conversations.Add(Stranger).Id.ToString(), StringComparison.Ordinal);
        foreach (var (tool, arguments) in new[] { (Claude, $$"""{"prompt":"x","sessionId":"{{id}}"}"""), ("session_get", $$"""{"sessionId":"{{id}}"}"""), ("session_delete", $$"""{"sessionId":"{{id}}"}""") })
        {
            var reply = await bench.CallAsync(tool, arguments);
            Assert.Equal(("not_found", "sessionId"), (reply.Kind, reply.Error.GetProperty("field").GetString()));
            Assert.StartsWith("Session not found: ", reply.Text, StringComparison.Ordinal);
            Assert.EndsWith(". session_list shows your sessions.", reply.Text, StringComparison.Ordinal);
        }

        Assert.Empty(bench.Jobs.Submitted);
    }

    [Fact]
    public async Task Who_may_not_call_learns_nothing_of_sessions_and_an_unknown_one_is_recorded_once()
    {
        var theirs = bench.Jobs.Conversations.Add(Stranger);
        const string Policy = """{"version":"1","default":"deny","tools":{"claude_request_async":{"deny_if":[{"path":"args.sessionId","op":"exists","value":true}]}}}""";
        var denied = Bench.IdentityOf(new PolicyGrant("ci", Bench.Me.Tenant, Bench.Me.Grant, TestPolicies.Of(Policy)), Gateway.Api.Auth.Scopes.OfEmbeddedKey);
        foreach (var id in (string[])[$"{Guid.NewGuid()}", $"{theirs.Id}", "../x"])
        {
            Assert.Equal("policy_denied", (await bench.CallAsync(Claude, $$"""{"prompt":"x","sessionId":"{{id}}"}""", denied)).Kind);
            Assert.Equal("not_found", (await bench.CallAsync(Claude, $$"""{"prompt":"x","sessionId":"{{id}}"}""")).Kind);
        }

        // The store writes the record of what it refuses; the edge adds none.
        Assert.Empty(bench.Jobs.Records);
    }

    [Theory]
    [InlineData("""{"prompt":"x"}""", true)]
    [InlineData("""{"prompt":"x","createNewSession":true}""", true)]
    [InlineData("""{"prompt":"x","permissionMode":"acceptEdits"}""", false)]
    [InlineData("""{"prompt":"x","sessionId":"ID"}""", false)]
    [InlineData("""{"prompt":"x","sessionId":"ID","dedup":true}""", true)]
    [InlineData("""{"prompt":"x","sessionId":"ID","dedup":true,"forceRefresh":true}""", false)]
    [InlineData("""{"prompt":"x","sessionId":"ID","forkSession":true}""", false)]
    public async Task An_equal_call_is_looked_for_of_a_reading_run_in_a_new_session_alone(string arguments, bool isLookedFor)
    {
        var session = bench.Jobs.Conversations.Add(Bench.Me);

        Assert.Equal(isLookedFor, (await SubmittedAsync(Claude, arguments.Replace("ID", session.Id.ToString(), StringComparison.Ordinal))).Dedup);
    }

    [Fact]
    public void Calls_of_two_sessions_are_not_equal_and_a_fork_is_no_turn()
    {
        var one = new RunRequest { Tool = Claude, Cli = "claude", Prompt = "x", Agent = new AgentRequest { Json = "{}" }, ArgumentsJson = "{}", Writes = false, Timeout = TimeSpan.Zero, IdleTimeout = TimeSpan.Zero, MaxAttempts = 1, CorrelationId = "c" };
        var session = Guid.NewGuid();
        ConversationChoice[] choices = [ConversationChoice.New, new() { Resumes = session }, new() { Resumes = session, Forks = true }, new() { Resumes = Guid.NewGuid() }];

        Assert.Equal(4, choices.Select(choice => CallHash.OfContent(one with { Conversation = choice })).Distinct().Count());
    }

    [Fact]
    public async Task The_policy_sees_the_directory_of_the_session_and_records_only_what_was_sent()
    {
        var session = Add(Bench.Me, "claude", Root);
        const string Policy = """{"version":"1","default":"deny","tools":{"claude_request_async":{"deny_if":[{"path":"args.workingDir","op":"under","value":"ROOT"}]}}}""";
        var grant = new PolicyGrant("ci", Bench.Me.Tenant, Bench.Me.Grant, TestPolicies.Of(Policy.Replace("ROOT", Root, StringComparison.Ordinal)));
        var identity = Bench.IdentityOf(grant, Gateway.Api.Auth.Scopes.OfEmbeddedKey);

        Assert.Equal("policy_denied", (await bench.CallAsync(Claude, $$"""{"prompt":"x","sessionId":"{{session.Id}}"}""", identity)).Kind);

        Assert.Equal(["prompt", "sessionId"], bench.Jobs.Terms.Last().Record!.ArgumentNames);
        (await bench.CallAsync(Claude, """{"prompt":"x"}""", identity)).Succeeds();
    }

    [Fact]
    public async Task A_repeat_goes_on_in_the_session_of_its_job_when_that_is_asked_and_never_in_the_active_one()
    {
        var old = bench.Jobs.Conversations.Add(Bench.Me);
        bench.Jobs.Conversations.Add(Bench.Me, change: made => made with { IsActive = true });
        var job = JobIdText.Format(bench.Jobs.Add(Bench.Me, JobStatus.Completed, entry =>
        {
            entry.View = entry.View with { SessionId = old.Id };
            entry.Request = entry.Request with { ArgumentsJson = """{"createNewSession":true}""" };
        }));

        (await bench.CallAsync("llm_job_retry", $$"""{"jobId":"{{job}}"}""")).Succeeds();
        Assert.Null(bench.Jobs.LastSubmitted.Conversation.Resumes);
        (await bench.CallAsync("llm_job_retry", $$"""{"jobId":"{{job}}","resumeSession":true}""")).Succeeds();
        Assert.Equal(old.Id, bench.Jobs.LastSubmitted.Conversation.Resumes);
        Assert.Equal([TurnKeys.OfSession(old.Id)], bench.Jobs.LastSubmitted.Turns);
        Assert.Equal($$"""{"sessionId":"{{old.Id}}"}""", bench.Jobs.LastSubmitted.ArgumentsJson);
        var both = await bench.CallAsync("llm_job_retry", $$"""{"jobId":"{{job}}","overrides":{"sessionId":"{{old.Id}}","createNewSession":true},"resumeSession":true}""");
        Assert.Equal(["overrides.sessionId", "overrides.sessionId"], both.Faults.Select(fault => fault.Field));
    }

    [Fact]
    public async Task A_job_that_kept_no_session_cannot_be_gone_on_from()
    {
        var job = JobIdText.Format(bench.Jobs.Add(Bench.Me, JobStatus.Completed, entry => entry.View = entry.View with { SessionId = null }));

        var reply = await bench.CallAsync("llm_job_retry", $$"""{"jobId":"{{job}}","resumeSession":true}""");

        Assert.Equal(("conflict", "resumeSession"), (reply.Kind, reply.Error.GetProperty("field").GetString()));
    }

    [Fact]
    public async Task A_session_that_goes_before_its_job_is_stored_is_unknown()
    {
        var session = bench.Jobs.Conversations.Add(Bench.Me);
        bench.Jobs.NextOutcome = new SubmitOutcome.SessionGone(session.Id);

        var reply = await bench.CallAsync(Claude, $$"""{"prompt":"x","sessionId":"{{session.Id}}"}""");

        Assert.Equal($"Session not found: {session.Id}. session_list shows your sessions.", reply.Text);
    }

    private SessionRecord Add(Caller owner, string cli, string? directory) => bench.Jobs.Conversations.Add(owner, cli, made => made with { WorkingDirectory = directory });

    private async Task<RunRequest> SubmittedAsync(string tool, string arguments)
    {
        (await bench.CallAsync(tool, arguments)).Succeeds();
        return bench.Jobs.LastSubmitted;
    }
}

using Gateway.Api.Auth;
using Gateway.Contracts.Values;
using Gateway.Execution.Providers.Codex;
using Gateway.Jobs.Admission;
using Xunit;

namespace Gateway.Tests.Api;

public sealed class CodexRequestSpecs : IDisposable
{
    private const string Tool = "codex_request_async";
    private readonly Bench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task A_bare_call_reads_only_and_pays_with_the_credential_of_codex()
    {
        var request = await SubmittedAsync("""{"prompt":"x"}""");

        Assert.Equal(("codex", "codex", false), (request.Cli, request.CredentialName, request.Writes));
        Assert.Equivalent(new CodexArguments(), Read(request));
        Assert.Equal("{}", request.Agent.Json.Replace("\"images\":[],\"addDirs\":[],\"configOverrides\":{},\"enable\":[],\"disable\":[]", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_argument_arrives_where_the_worker_reads_it()
    {
        var request = await SubmittedAsync(
            """{"prompt":"x","model":"gpt-6","sandboxMode":"danger-full-access","dangerouslyBypassHookTrust":true,"ignoreRules":true,"outputSchema":{"type":"object"},"strictConfig":true,"ignoreUserConfig":true,"ephemeral":true,"outputFormat":"text"}""",
            Scopes.BypassPermissions);

        Assert.Equivalent(
            new CodexArguments { Model = "gpt-6", SandboxMode = "danger-full-access", BypassHookTrust = true, IgnoreRules = true, OutputSchema = """{"type":"object"}""", StrictConfig = true, IgnoreUserConfig = true, Ephemeral = true },
            Read(request));
        Assert.Equal(("gpt-6", true), (request.Agent.Model, request.Agent.BypassesPermissions));
    }

    [Theory]
    [InlineData("""{"prompt":"x"}""", false, null)]
    [InlineData("""{"prompt":"x","sandboxMode":"read-only"}""", false, null)]
    [InlineData("""{"prompt":"x","sandboxMode":"workspace-write"}""", true, "workspace-write")]
    [InlineData("""{"prompt":"x","fullAuto":true}""", true, "workspace-write")]
    [InlineData("""{"prompt":"x","fullAuto":true,"sandboxMode":"read-only"}""", false, null)]
    [InlineData("""{"prompt":"x","dangerouslyBypassApprovalsAndSandbox":true}""", true, null)]
    public async Task The_mode_in_effect_says_whether_a_run_writes(string arguments, bool writes, string? mode)
    {
        var request = await SubmittedAsync(arguments, Scopes.BypassPermissions);

        Assert.Equal((writes, mode), (request.Writes, Read(request).SandboxMode));
    }

    [Fact]
    public async Task A_mode_that_was_named_wins_over_the_old_spelling_and_says_so()
    {
        var reply = (await bench.CallAsync(Tool, """{"prompt":"x","fullAuto":true,"sandboxMode":"read-only"}""")).Succeeds();

        var warning = Assert.Single(reply.Record.GetProperty("warnings").EnumerateArray());
        Assert.Equal(("argument_ignored", "fullAuto"), (warning.GetProperty("code").GetString(), warning.GetProperty("field").GetString()));
    }

    [Theory]
    [InlineData("""{"prompt":"x","sandboxMode":"danger-full-access"}""", "sandboxMode")]
    [InlineData("""{"prompt":"x","dangerouslyBypassApprovalsAndSandbox":true}""", "dangerouslyBypassApprovalsAndSandbox")]
    [InlineData("""{"prompt":"x","dangerouslyBypassHookTrust":true}""", "dangerouslyBypassHookTrust")]
    [InlineData("""{"prompt":"x","ignoreRules":true}""", "ignoreRules")]
    public async Task What_turns_a_wall_aside_needs_its_scope(string arguments, string field)
    {
        var reply = await bench.CallAsync(Tool, arguments);

        Assert.Equal(("forbidden", field), (reply.Kind, reply.Error.GetProperty("field").GetString()));
        Assert.Contains(Scopes.BypassPermissions, reply.Text, StringComparison.Ordinal);
        Assert.Empty(bench.Jobs.Submitted);
    }

    [Theory]
    [InlineData("""{"prompt":"x","sandboxMode":"none"}""", "sandboxMode", "workspace-write")]
    [InlineData("""{"prompt":"x","sandboxMode":"workspace-write","dangerouslyBypassApprovalsAndSandbox":true}""", "sandboxMode", "only one of")]
    [InlineData("""{"prompt":"x","outputSchema":{"type":"array"}}""", "outputSchema", "schema of an object")]
    [InlineData("""{"prompt":"x","images":["/etc/passwd"]}""", "images[0]", "registered root")]
    [InlineData("""{"prompt":"x","sandboxMode":"workspace-write","addDir":["/"]}""", "addDir[0]", "registered root")]
    [InlineData("""{"prompt":"x","configOverrides":{"model_provider":"theirs"}}""", "configOverrides.model_provider", "nothing: the operator has opened none")]
    [InlineData("""{"prompt":"x","profile":"p"}""", "profile", "nothing: the operator has opened none")]
    [InlineData("""{"prompt":"x","enable":["hooks"]}""", "enable[0]", "nothing: the operator has opened none")]
    [InlineData("""{"prompt":"x","disable":["--x"]}""", "disable[0]", "A-Za-z0-9")]
    [InlineData("""{"prompt":"x","oss":true}""", "oss", "nothing: the operator has opened none")]
    [InlineData("""{"prompt":"x","localProvider":"ollama"}""", "localProvider", "nothing: the operator has opened none")]
    [InlineData("""{"prompt":"x","forkSession":true}""", "forkSession", "a session to begin with")]
    [InlineData("""{"prompt":"x","permissionMode":"plan"}""", "permissionMode", "")]
    public async Task A_call_outside_the_limits_is_refused_with_its_argument(string arguments, string field, string limit)
    {
        var fault = Assert.Single((await bench.CallAsync(Tool, arguments, Bench.MyIdentity(Scopes.BypassPermissions))).Faults);

        Assert.Equal(field, fault.Field);
        Assert.Contains(limit, fault.Limit, StringComparison.Ordinal);
        Assert.Empty(bench.Jobs.Submitted);
    }

    [Fact]
    public async Task What_the_operator_has_opened_passes_value_by_value()
    {
        using var open = new Bench(
            ("Starters:Allow:codex:profile:0", "team"), ("Starters:Allow:codex:configOverrides:0", "model_reasoning_effort"), ("Starters:Allow:codex:enable:0", "hooks"),
            ("Starters:Allow:codex:oss:0", "true"), ("Starters:Allow:codex:localProvider:0", "ollama"));

        (await open.CallAsync(Tool, """{"prompt":"x","profile":"team","configOverrides":{"model_reasoning_effort":"high"},"enable":["hooks"],"oss":true,"localProvider":"ollama","outputFormat":"json"}""")).Succeeds();
        var refused = await open.CallAsync(Tool, """{"prompt":"x","profile":"other","configOverrides":{"model_reasoning_effort":"a\nb","web_search":"live"},"localProvider":"lmstudio"}""");

        var asked = Read(Assert.Single(open.Jobs.Submitted));
        Assert.Equal(("team", "high", "hooks", true, "ollama", true), (asked.Profile, asked.ConfigOverrides["model_reasoning_effort"], asked.Enable.Single(), asked.Oss, asked.LocalProvider, asked.AnswersWithEvents));
        Assert.Equal(
            ["configOverrides.model_reasoning_effort", "configOverrides.web_search", "localProvider", "profile"],
            refused.Faults.Select(fault => fault.Field).Order(StringComparer.Ordinal));
        Assert.Contains(refused.Faults, fault => fault is { Field: "profile", Limit: "what the operator has opened: team" });
    }

    private static CodexArguments Read(RunRequest request) => CodexGrant.Arguments(new RunGrant
    {
        Prompt = request.Prompt,
        ArgumentsJson = request.Agent.Json,
        SessionId = Guid.Empty,
        CredentialName = request.CredentialName,
        Timeout = request.Timeout,
        IdleTimeout = request.IdleTimeout,
    });

    private async Task<RunRequest> SubmittedAsync(string arguments, params string[] scopes)
    {
        (await bench.CallAsync(Tool, arguments, Bench.MyIdentity(scopes))).Succeeds();
        return Assert.Single(bench.Jobs.Submitted);
    }
}

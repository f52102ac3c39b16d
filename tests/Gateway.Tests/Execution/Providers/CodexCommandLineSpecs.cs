using System.Text;
using System.Text.Json;
using CsCheck;
using Gateway.Contracts.Values;
using Gateway.Execution.Credentials;
using Gateway.Execution.Providers;
using Gateway.Execution.Providers.Codex;
using Gateway.Execution.Runs;
using Gateway.Execution.Workspaces;
using Xunit;

namespace Gateway.Tests.Execution.Providers;

public sealed class CodexCommandLineSpecs
{
    private const string Fixed =
        "--json --skip-git-repo-check -c shell_environment_policy.inherit=core -c shell_environment_policy.set.GATEWAY_RUN=\"99999999-2222-3333-4444-555555555555/1\""
        + " -c features.unbounded_connection_retries=false -c features.plugins=false -c analytics.enabled=false";

    private const string Provider =
        "-c model_provider=gateway -c model_providers.gateway={name=\"OpenAI\",base_url=\"http://127.0.0.1:9/v1\",env_key=\"CODEX_API_KEY\",wire_api=\"responses\",request_max_retries=4,stream_max_retries=5,stream_idle_timeout_ms=300000}";

    private static readonly Guid Thread = Guid.Parse("11111111-2222-3333-4444-555555555555");

    [Fact]
    public void A_bare_run_has_the_fixed_arguments_and_may_only_read() =>
        Assert.Equal($"exec {Fixed} --sandbox read-only {Provider} -- -", Argv(new CodexArguments()));

    [Fact]
    public void Every_argument_stands_in_its_place() => Assert.Equal(
        $"exec {Fixed} --model gpt-6 -c model_reasoning_effort=\"high\" --enable a --enable b --disable c --sandbox workspace-write"
        + " --dangerously-bypass-hook-trust --ignore-rules --strict-config --ignore-user-config --ephemeral --output-schema /t/schema.json"
        + $" --profile fast --add-dir /x --add-dir /y --image=/w/1.png --image=/w/2.png {Provider} -- -",
        Argv(new CodexArguments
        {
            Model = "gpt-6",
            SandboxMode = "workspace-write",
            BypassHookTrust = true,
            IgnoreRules = true,
            Images = ["/w/1.png", "/w/2.png"],
            AddDirs = ["/x", "/y"],
            Profile = "fast",
            ConfigOverrides = new Dictionary<string, string> { ["model_reasoning_effort"] = "\"high\"" },
            Enable = ["a", "b"],
            Disable = ["c"],
            StrictConfig = true,
            IgnoreUserConfig = true,
            Ephemeral = true,
        }, schema: "/t/schema.json"));

    [Fact]
    public void The_directory_that_was_asked_for_is_named_and_a_private_one_is_not()
    {
        Assert.Contains("--cd /w ", string.Join(' ', Build(new CodexArguments(), workingDirectory: "/asked").Arguments), StringComparison.Ordinal);
        Assert.DoesNotContain("--cd", Build(new CodexArguments()).Arguments);
    }

    [Fact]
    public void A_resumed_run_names_its_thread_and_is_told_to_go_on()
    {
        var command = Build(new CodexArguments { SandboxMode = "workspace-write", AddDirs = ["/x\"y"], Images = ["/w/1.png"], Profile = "p", Oss = false }, thread: Thread, workingDirectory: "/asked");
        Assert.Equal(
            $"exec resume {Fixed} -c sandbox_mode=\"workspace-write\" -c sandbox_workspace_write.writable_roots=[\"/x\\\"y\"] {Provider} {Thread} -- -",
            string.Join(' ', command.Arguments));
        Assert.Equal(Continuation.Prompt, Encoding.UTF8.GetString(command.Stdin.Span));
    }

    [Fact]
    public void A_new_prompt_in_an_old_thread_is_shown_its_images()
    {
        var command = Build(new CodexArguments { Images = ["/w/1.png"] }, thread: Thread, continues: false);

        Assert.Equal($"exec resume {Fixed} -c sandbox_mode=\"read-only\" --image=/w/1.png {Provider} {Thread} -- -", string.Join(' ', command.Arguments));
        Assert.Equal("do it", Encoding.UTF8.GetString(command.Stdin.Span));
    }

    [Fact]
    public void Without_a_sandbox_no_mode_is_named()
    {
        Assert.Equal($"exec {Fixed} --dangerously-bypass-approvals-and-sandbox {Provider} -- -", Argv(new CodexArguments { BypassApprovalsAndSandbox = true }));
        Assert.DoesNotContain("sandbox_mode", string.Join(' ', Build(new CodexArguments { BypassApprovalsAndSandbox = true }, thread: Thread).Arguments), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_this_machine_gets_neither_provider_nor_key()
    {
        var command = Build(new CodexArguments { Oss = true, LocalProvider = "ollama" });
        Assert.Equal($"exec {Fixed} --sandbox read-only --oss --local-provider ollama -- -", string.Join(' ', command.Arguments));
        Assert.False(command.Environment.ContainsKey("CODEX_API_KEY"));
    }

    [Fact]
    public void A_login_brings_its_own_address_unless_one_is_set()
    {
        var login = new ProviderCredential("l", CredentialKind.Login, null);
        Assert.DoesNotContain("model_provider", string.Join(' ', Build(new CodexArguments(), credential: login, options: new CodexOptions()).Arguments), StringComparison.Ordinal);
        Assert.Contains("requires_openai_auth=true", string.Join(' ', Build(new CodexArguments(), credential: login).Arguments), StringComparison.Ordinal);
        Assert.False(Build(new CodexArguments(), credential: login).Environment.ContainsKey("CODEX_API_KEY"));
    }

    [Fact]
    public void A_key_goes_to_the_makers_address_unless_another_is_set() => Assert.Contains(
        "base_url=\"https://api.openai.com/v1\",env_key=\"CODEX_API_KEY\",wire_api=\"responses\",request_max_retries=0,stream_max_retries=1,stream_idle_timeout_ms=90000}",
        string.Join(' ', Build(new CodexArguments(), options: new CodexOptions { RequestMaxRetries = 0, StreamMaxRetries = 1, StreamIdleTimeout = TimeSpan.FromSeconds(90) }).Arguments),
        StringComparison.Ordinal);

    [Fact]
    public void A_key_is_in_its_variable_and_never_in_argv()
    {
        var command = Build(new CodexArguments(), credential: new ProviderCredential("main", CredentialKind.ApiKey, "sk-secret"));
        Assert.Equal("sk-secret", command.Environment["CODEX_API_KEY"]);
        Assert.DoesNotContain(command.Arguments, text => text.Contains("sk-secret", StringComparison.Ordinal));
        Assert.Null(command.Secret);
        Assert.DoesNotContain("sk-secret", command.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bearer_token_is_refused_by_name()
    {
        var refused = Assert.Throws<RunRefusedException>(() => Build(new CodexArguments(), credential: new ProviderCredential("t", CredentialKind.AuthToken, "tok"))).Failure;
        Assert.Equal(FailureKinds.AuthError, refused.Kind);
        Assert.Contains("'t'", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("tok ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_environment_holds_the_named_variables_and_nothing_else() => Assert.Equal(
        "CODEX_API_KEY CODEX_HOME HOME LANG PATH TMPDIR TRACEPARENT",
        string.Join(' ', Build(new CodexArguments(), traceParent: "00-a-b-01").Environment.Keys.Order(StringComparer.Ordinal)));

    [Fact]
    public void No_prompt_whatever_changes_the_arguments() => Gen.String.Sample(prompt =>
    {
        var command = Build(new CodexArguments(), prompt: prompt);
        return string.Join(' ', command.Arguments) == $"exec {Fixed} --sandbox read-only {Provider} -- -"
            && command.Environment.Values.All(value => prompt.Length < 8 || !value.Contains(prompt, StringComparison.Ordinal));
    });

    public static TheoryData<CodexArguments> Refused => new(
        new CodexArguments { Model = "-m" },
        new CodexArguments { Model = "" },
        new CodexArguments { Model = "a\0b" },
        new CodexArguments { Profile = "--version" },
        new CodexArguments { Enable = ["x", "-c"] },
        new CodexArguments { SandboxMode = "none" },
        new CodexArguments { LocalProvider = "openai" },
        new CodexArguments { Images = ["relative.png"] },
        new CodexArguments { Images = ["/a\n.png"] },
        new CodexArguments { AddDirs = ["-x"] },
        Override("a=b", "1"),
        Override("", "1"),
        Override("model", "two\nlines"),
        Override("model_provider", "\"theirs\""),
        Override("model_providers.gateway.base_url", "\"http://theirs\""),
        Override("shell_environment_policy.inherit", "\"all\""),
        Override("sandbox_mode", "\"danger-full-access\""),
        Override("openai_base_url", "\"http://theirs\""));

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_could_be_an_option_or_turn_a_wall_aside_is_refused(CodexArguments asked) =>
        Assert.Equal(FailureKinds.Rejected, Assert.Throws<RunRefusedException>(() => Build(asked)).Failure.Kind);

    [Fact]
    public void Arguments_are_read_from_their_wire_form()
    {
        var asked = CodexGrant.Arguments(Grant("""{"model":"m","bypassHookTrust":true,"addDirs":["/a"],"configOverrides":{"k":"v"},"outputSchema":"{}"}"""));
        Assert.Equal(("m", true, "/a", "v", "{}"), (asked.Model, asked.BypassHookTrust, asked.AddDirs.Single(), asked.ConfigOverrides["k"], asked.OutputSchema));
        Assert.Empty(asked.Images);
        Assert.Empty(CodexGrant.Arguments(Grant("{}")).ConfigOverrides);
        var all = new CodexArguments { Model = "m", Images = ["/i"], Ephemeral = true };
        Assert.Equivalent(all, CodexGrant.Arguments(Grant(JsonSerializer.Serialize(all, JsonSerializerOptions.Web))));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"tomorrow\":1}")]
    [InlineData("{\"Model\":\"m\"}")]
    [InlineData("{\"model\":5}")]
    [InlineData("{\"images\":null}")]
    [InlineData("{\"model\":\"a\",\"model\":\"b\"}")]
    public void Arguments_that_this_worker_does_not_know_are_refused(string? json) =>
        Assert.Equal(FailureKinds.Rejected, Assert.Throws<RunRefusedException>(() => CodexGrant.Arguments(Grant(json))).Failure.Kind);

    private static CodexArguments Override(string key, string value) => new() { ConfigOverrides = new Dictionary<string, string> { [key] = value } };

    private static string Argv(CodexArguments asked, string? schema = null) => string.Join(' ', Build(asked, schema: schema).Arguments);

    private static RunGrant Grant(string? json, string prompt = "do it", string? workingDirectory = null) => new()
    {
        Prompt = prompt,
        ArgumentsJson = json,
        SessionId = Guid.NewGuid(),
        WorkingDirectory = workingDirectory,
        CredentialName = "main",
        Timeout = TimeSpan.FromMinutes(1),
        IdleTimeout = TimeSpan.FromMinutes(1),
    };

    private static AgentCommand Build(
        CodexArguments asked,
        Guid? thread = null,
        string prompt = "do it",
        string? workingDirectory = null,
        string? schema = null,
        string? traceParent = null,
        ProviderCredential? credential = null,
        CodexOptions? options = null,
        bool continues = true) =>
        new CodexCommandLine(options ?? new CodexOptions { BaseUrl = "http://127.0.0.1:9/v1/" }).Build(
            new AgentLaunch
            {
                Key = new RunKey(Guid.Parse("99999999-2222-3333-4444-555555555555"), 1),
                Grant = Grant(null, prompt, workingDirectory),
                Resumes = thread is not null,
                Continues = continues && thread is not null,
                Directories = new RunDirectories { Home = "/h", Config = "/h/.codex", Temporary = "/t", Work = "/w", WorkIdentity = default, WorkIsPrivate = workingDirectory is null },
                Credential = credential ?? new ProviderCredential("main", CredentialKind.ApiKey, "k"),
                TraceParent = traceParent,
            },
            asked,
            thread,
            schema);
}

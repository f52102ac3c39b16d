using System.Text;
using CsCheck;
using Gateway.Contracts.Values;
using Gateway.Execution.Credentials;
using Gateway.Execution.Providers;
using Gateway.Execution.Providers.Claude;
using Gateway.Execution.Runs;
using Gateway.Execution.Workspaces;
using Xunit;

namespace Gateway.Tests.Execution.Providers;

public sealed class ClaudeCommandLineSpecs
{
    private const string Fixed =
        "-p --output-format stream-json --verbose --include-partial-messages --setting-sources user --strict-mcp-config --disable-slash-commands --permission-prompts none";

    private static readonly Guid Session = Guid.Parse("11111111-2222-3333-4444-555555555555");

    [Fact]
    public void A_bare_run_has_the_fixed_arguments_and_begins_its_conversation() =>
        Assert.Equal($"{Fixed} --session-id {Session}", Argv(new ClaudeArguments()));

    [Fact]
    public void Every_argument_stands_in_its_place() => Assert.Equal(
        $"{Fixed} --model opus --fallback-model a,b --permission-mode plan --allowed-tools Read Bash(git log:*) --disallowed-tools WebFetch"
        + $" --max-turns 7 --max-budget-usd 1.25 --effort high --system-prompt S --append-system-prompt A --json-schema {{}} --tools Read,Edit --agents {{\"a\":1}} --agent a --name N N"
        + $" --no-session-persistence --exclude-dynamic-system-prompt-sections --safe-mode --session-id {Session}",
        Argv(new ClaudeArguments
        {
            Model = "opus",
            FallbackModel = "a,b",
            PermissionMode = "plan",
            AllowedTools = ["Read", "Bash(git log:*)"],
            DisallowedTools = ["WebFetch"],
            MaxTurns = 7,
            MaxBudgetUsd = 1.25m,
            Effort = "high",
            SystemPrompt = "S",
            AppendSystemPrompt = "A",
            JsonSchema = "{}",
            Tools = ["Read", "Edit"],
            AgentsJson = """{"a":1}""",
            Agent = "a",
            Name = "N N",
            NoSessionPersistence = true,
            ExcludeDynamicSystemPromptSections = true,
            SafeMode = true,
        }));

    [Fact]
    public void Further_directories_are_named_one_by_one_and_a_trusted_workspace_brings_its_settings()
    {
        Assert.Contains(" --add-dir /a --add-dir /b c --", Argv(new ClaudeArguments(), places: Places with { AddDirs = ["/a", "/b c"] }), StringComparison.Ordinal);
        Assert.Contains(" --setting-sources user,project --", Argv(new ClaudeArguments(), places: Places with { Trusted = true }), StringComparison.Ordinal);
    }

    [Fact]
    public void No_tool_at_all_is_an_empty_list_and_not_its_absence()
    {
        Assert.Contains("", Build(new ClaudeArguments { Tools = [] }).Arguments);
        Assert.DoesNotContain("--tools", Argv(new ClaudeArguments()));
    }

    [Fact]
    public void The_default_permission_mode_is_no_argument() =>
        Assert.DoesNotContain("--permission-mode", Argv(new ClaudeArguments { PermissionMode = "default" }));

    [Fact]
    public void A_resumed_run_names_its_conversation_and_is_told_to_go_on()
    {
        var command = Build(new ClaudeArguments(), resumes: true);
        Assert.Equal($"{Fixed} --resume {Session}", string.Join(' ', command.Arguments));
        Assert.Equal(Continuation.Prompt, Encoding.UTF8.GetString(command.Stdin.Span));
    }

    [Fact]
    public void A_resumed_run_with_a_system_prompt_does_not_keep_the_recorded_one()
    {
        Assert.Contains("--append-system-prompt A --system-prompt-snapshot off", string.Join(' ', Build(new ClaudeArguments { AppendSystemPrompt = "A" }, resumes: true).Arguments));
        Assert.DoesNotContain("--system-prompt-snapshot", Argv(new ClaudeArguments { AppendSystemPrompt = "A" }));
    }

    [Theory]
    [InlineData("5", "0", "5")]
    [InlineData("5", "1.25", "3.75")]
    [InlineData("1000", "0.000001", "999.999999")]
    public void The_budget_is_what_earlier_attempts_left(string budget, string spent, string left) => Assert.Contains(
        $"--max-budget-usd {left} ",
        string.Join(' ', Build(new ClaudeArguments { MaxBudgetUsd = Number(budget) }, spent: Number(spent)).Arguments));

    [Fact]
    public void A_run_without_budget_left_is_not_started()
    {
        var refused = Assert.Throws<RunRefusedException>(() => Build(new ClaudeArguments { MaxBudgetUsd = 1 }, spent: 1));
        Assert.Equal(FailureKinds.BudgetExceeded, refused.Failure.Kind);
    }

    [Theory]
    [InlineData("--dangerously-skip-permissions")]
    [InlineData("--version")]
    [InlineData("-p")]
    [InlineData("@/etc/passwd")]
    [InlineData("line\n--model evil")]
    public void A_hostile_prompt_is_text_on_stdin_alone(string prompt)
    {
        var command = Build(new ClaudeArguments(), prompt: prompt);
        Assert.Equal(prompt, Encoding.UTF8.GetString(command.Stdin.Span));
        Assert.DoesNotContain(command.Arguments, argument => argument.Contains(prompt, StringComparison.Ordinal) && prompt != "-p");
        Assert.Equal($"{Fixed} --session-id {Session}", string.Join(' ', command.Arguments));
    }

    [Fact]
    public void No_prompt_whatever_changes_the_arguments() => Gen.String.Sample(prompt =>
    {
        var command = Build(new ClaudeArguments(), prompt: prompt);
        return string.Join(' ', command.Arguments) == $"{Fixed} --session-id {Session}" && command.Environment.Values.All(value => prompt.Length < 8 || !value.Contains(prompt, StringComparison.Ordinal));
    });

    [Fact]
    public void A_prompt_that_begins_with_a_slash_gets_a_line_before_it()
    {
        Assert.Equal("\n/cost", Encoding.UTF8.GetString(Build(new ClaudeArguments(), prompt: "/cost").Stdin.Span));
        Assert.Equal(" /cost", Encoding.UTF8.GetString(Build(new ClaudeArguments(), prompt: " /cost").Stdin.Span));
    }

    [Theory]
    [InlineData("-m")]
    [InlineData("--mcp-config=x")]
    [InlineData("")]
    [InlineData("a\0b")]
    public void A_name_that_could_be_an_option_is_refused(string name)
    {
        Assert.Equal(FailureKinds.Rejected, Assert.Throws<RunRefusedException>(() => Build(new ClaudeArguments { Model = name })).Failure.Kind);
        Assert.Equal(FailureKinds.Rejected, Assert.Throws<RunRefusedException>(() => Build(new ClaudeArguments { AllowedTools = ["Read", name] })).Failure.Kind);
    }

    [Fact]
    public void A_NUL_in_a_system_prompt_is_refused() =>
        Assert.Throws<RunRefusedException>(() => Build(new ClaudeArguments { SystemPrompt = "a\0b" }));

    [Fact]
    public void The_environment_holds_the_named_variables_and_nothing_else()
    {
        var command = Build(new ClaudeArguments(), traceParent: "00-a-b-01");
        Assert.Equal(
            "ANTHROPIC_BASE_URL API_TIMEOUT_MS CLAUDE_CODE_DISABLE_BACKGROUND_TASKS CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC CLAUDE_CODE_MAX_RETRIES CLAUDE_CONFIG_DIR DISABLE_AUTOUPDATER HOME LANG PATH TMPDIR TRACEPARENT",
            string.Join(' ', command.Environment.Keys.Order(StringComparer.Ordinal)));
        Assert.Equal("http://127.0.0.1:9", command.Environment["ANTHROPIC_BASE_URL"]);
    }

    [Fact]
    public void A_key_goes_by_descriptor_and_is_in_neither_argv_nor_environment()
    {
        var command = Build(new ClaudeArguments(), credential: new ProviderCredential("main", CredentialKind.ApiKey, "sk-secret"));
        Assert.Equal("sk-secret", command.Secret);
        Assert.Equal("CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR", command.SecretVariable);
        Assert.DoesNotContain(command.Arguments.Concat(command.Environment.Values), text => text.Contains("sk-secret", StringComparison.Ordinal));
        Assert.DoesNotContain("sk-secret", command.ToString() + new ProviderCredential("main", CredentialKind.ApiKey, "sk-secret"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bearer_token_goes_by_its_variable_and_a_login_by_nothing()
    {
        var token = Build(new ClaudeArguments(), credential: new ProviderCredential("t", CredentialKind.AuthToken, "tok"));
        Assert.Equal(("tok", null), (token.Environment["ANTHROPIC_AUTH_TOKEN"], token.Secret));
        var login = Build(new ClaudeArguments(), credential: new ProviderCredential("l", CredentialKind.Login, null));
        Assert.False(login.Environment.ContainsKey("ANTHROPIC_AUTH_TOKEN"));
        Assert.Null(login.Secret);
    }

    private static RunDirectories Places { get; } = new() { Home = "/h", Config = "/h/.claude", Temporary = "/t", Work = "/w", WorkIdentity = default, WorkIsPrivate = true };

    private static string Argv(ClaudeArguments asked, RunDirectories? places = null) => string.Join(' ', Build(asked, places: places).Arguments);

    private static decimal Number(string text) => decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static AgentCommand Build(
        ClaudeArguments asked,
        bool resumes = false,
        decimal spent = 0,
        string prompt = "do it",
        string? traceParent = null,
        ProviderCredential? credential = null,
        RunDirectories? places = null) =>
        new ClaudeCommandLine(new ClaudeOptions { BaseUrl = "http://127.0.0.1:9" }).Build(new AgentLaunch
        {
            Key = new RunKey(Guid.NewGuid(), 1),
            Grant = new RunGrant
            {
                Prompt = prompt,
                Claude = asked,
                SessionId = Session,
                CredentialName = "main",
                Timeout = TimeSpan.FromMinutes(1),
                IdleTimeout = TimeSpan.FromMinutes(1),
                SpentUsd = spent,
            },
            Resumes = resumes,
            Continues = resumes,
            Directories = places ?? Places,
            Credential = credential ?? new ProviderCredential("main", CredentialKind.ApiKey, "k"),
            TraceParent = traceParent,
        });
}

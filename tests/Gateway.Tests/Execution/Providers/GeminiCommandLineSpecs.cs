using System.Text;
using System.Text.Json;
using CsCheck;
using Gateway.Contracts.Values;
using Gateway.Execution.Credentials;
using Gateway.Execution.Providers;
using Gateway.Execution.Providers.Gemini;
using Gateway.Execution.Runs;
using Gateway.Execution.Workspaces;
using Xunit;

namespace Gateway.Tests.Execution.Providers;

public sealed class GeminiCommandLineSpecs
{
    private const string Fixed = "--output-format stream-json --skip-trust";

    private static readonly Guid Session = Guid.Parse("11111111-2222-3333-4444-555555555555");

    /// <summary>The arguments as the edge sends them, and what stands between the fixed part and the conversation.</summary>
    public static TheoryData<string?, string> Arguments => new()
    {
        { null, "" },
        { "{}", "" },
        { """{"model":"gemini-3.8-flash"}""", " --model gemini-3.8-flash" },
        { """{"approvalMode":"default"}""", "" },
        { """{"approvalMode":"auto_edit"}""", " --approval-mode auto_edit" },
        { """{"approvalMode":"yolo"}""", " --approval-mode yolo" },
        { """{"approvalMode":"plan"}""", " --approval-mode plan" },
        { """{"includeDirs":["/a","/b c"]}""", " --include-directories /a --include-directories /b c" },
        { """{"allowedTools":["read_file","glob"]}""", " --allowed-tools read_file --allowed-tools glob" },
        { """{"sandbox":true}""", " --sandbox" },
        { """{"sandbox":false,"includeDirs":[],"allowedTools":[],"model":null,"approvalMode":null}""", "" },
        {
            """{"sandbox":true,"allowedTools":["t"],"includeDirs":["/d"],"approvalMode":"plan","model":"m"}""",
            " --model m --approval-mode plan --include-directories /d --allowed-tools t --sandbox"
        },
    };

    [Theory]
    [MemberData(nameof(Arguments))]
    public void Every_argument_stands_in_its_place_and_the_conversation_is_begun(string? asked, string argv) =>
        Assert.Equal($"{Fixed}{argv} --session-id {Session}", Argv(asked));

    [Fact]
    public void What_the_edge_writes_is_what_is_read()
    {
        var arguments = new GeminiArguments { Model = "m", ApprovalMode = "yolo", IncludeDirs = ["/d"], AllowedTools = ["t"], Sandbox = true };
        Assert.Equal(
            $"{Fixed} --model m --approval-mode yolo --include-directories /d --allowed-tools t --sandbox --session-id {Session}",
            Argv(JsonSerializer.Serialize(arguments, JsonSerializerOptions.Web)));
    }

    [Theory]
    [InlineData("""{"permissionMode":"plan"}""")]
    [InlineData("""{"Model":"m"}""")]
    [InlineData("""{"model":5}""")]
    [InlineData("""{"allowedTools":null}""")]
    [InlineData("""{"allowedTools":"read_file"}""")]
    [InlineData("""["model"]""")]
    [InlineData("{")]
    public void Arguments_that_are_not_known_start_nothing(string asked) =>
        Assert.Equal(FailureKinds.Rejected, Refused(asked).Kind);

    [Fact]
    public void A_resumed_run_names_its_conversation_and_is_told_to_go_on()
    {
        var command = Build(null, resumes: true);
        Assert.Equal($"{Fixed} --resume {Session}", string.Join(' ', command.Arguments));
        Assert.Equal(Continuation.Prompt, Encoding.UTF8.GetString(command.Stdin.Span));
    }

    [Theory]
    [InlineData("--approval-mode=yolo")]
    [InlineData("--version")]
    [InlineData("-y")]
    [InlineData("@/etc/passwd")]
    [InlineData("line\n--model evil")]
    public void A_hostile_prompt_is_text_on_stdin_alone(string prompt)
    {
        var command = Build(null, prompt: prompt);
        Assert.Equal(prompt, Encoding.UTF8.GetString(command.Stdin.Span));
        Assert.Equal($"{Fixed} --session-id {Session}", string.Join(' ', command.Arguments));
    }

    [Fact]
    public void No_prompt_whatever_changes_the_arguments() => Gen.String.Sample(prompt =>
    {
        var command = Build(null, prompt: prompt);
        return string.Join(' ', command.Arguments) == $"{Fixed} --session-id {Session}" && command.Environment.Values.All(value => prompt.Length < 8 || !value.Contains(prompt, StringComparison.Ordinal));
    });

    [Fact]
    public void A_prompt_that_begins_with_a_slash_gets_a_line_before_it()
    {
        Assert.Equal("\n/memory add x", Encoding.UTF8.GetString(Build(null, prompt: "/memory add x").Stdin.Span));
        Assert.Equal(" /memory", Encoding.UTF8.GetString(Build(null, prompt: " /memory").Stdin.Span));
    }

    [Theory]
    [InlineData("-y")]
    [InlineData("--yolo")]
    [InlineData("")]
    [InlineData("a\\u0000b")]
    public void A_name_that_could_be_an_option_is_refused(string name)
    {
        foreach (var asked in (string[])["{\"model\":\"NAME\"}", "{\"approvalMode\":\"NAME\"}", "{\"includeDirs\":[\"NAME\"]}", "{\"allowedTools\":[\"t\",\"NAME\"]}"])
        {
            Assert.Equal(FailureKinds.Rejected, Refused(asked.Replace("NAME", name, StringComparison.Ordinal)).Kind);
        }
    }

    [Theory]
    [InlineData("/a,/etc")]
    [InlineData("/a ")]
    [InlineData(" /a")]
    [InlineData("/a\\ufeff")]
    public void A_value_that_the_cli_would_cut_or_trim_is_refused(string value)
    {
        Assert.Contains("comma", Refused($$"""{"includeDirs":["{{value}}"]}""").Message, StringComparison.Ordinal);
        Assert.Contains("comma", Refused($$"""{"allowedTools":["{{value}}"]}""").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_environment_holds_the_named_variables_and_nothing_else()
    {
        var command = Build(null, traceParent: "00-a-b-01");
        Assert.Equal(
            "GEMINI_API_KEY GEMINI_TELEMETRY_ENABLED GOOGLE_GEMINI_BASE_URL HOME LANG PATH TMPDIR TRACEPARENT",
            string.Join(' ', command.Environment.Keys.Order(StringComparer.Ordinal)));
        Assert.Equal(("http://127.0.0.1:9", "false", "/h", "/t"), (
            command.Environment["GOOGLE_GEMINI_BASE_URL"], command.Environment["GEMINI_TELEMETRY_ENABLED"], command.Environment["HOME"], command.Environment["TMPDIR"]));
    }

    [Fact]
    public void A_key_goes_by_its_variable_alone()
    {
        var command = Build(null, credential: new ProviderCredential("gemini", CredentialKind.ApiKey, "AI-secret"));
        Assert.Equal(("AI-secret", null), (command.Environment["GEMINI_API_KEY"], command.Secret));
        Assert.DoesNotContain(command.Arguments, text => text.Contains("AI-secret", StringComparison.Ordinal));
        Assert.DoesNotContain("AI-secret", command.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_login_brings_no_key_and_a_bearer_token_starts_nothing()
    {
        Assert.False(Build(null, credential: new ProviderCredential("mine", CredentialKind.Login, null)).Environment.ContainsKey("GEMINI_API_KEY"));
        var refused = Assert.Throws<RunRefusedException>(() => Build(null, credential: new ProviderCredential("mine", CredentialKind.AuthToken, "token"))).Failure;
        Assert.Equal(FailureKinds.AuthError, refused.Kind);
        Assert.Contains("'mine'", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("token\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Further_directories_are_those_that_the_worker_has_judged()
    {
        var words = string.Join(' ', Build("{}", addDirs: ["/a", "/b"]).Arguments);
        Assert.Contains(" --include-directories /a --include-directories /b ", words, StringComparison.Ordinal);
    }

    private static string Argv(string? asked) => string.Join(' ', Build(asked).Arguments);

    private static RunFailure Refused(string asked) => Assert.Throws<RunRefusedException>(() => Build(asked)).Failure;

    private static AgentCommand Build(
        string? asked,
        bool resumes = false,
        string prompt = "do it",
        string? traceParent = null,
        ProviderCredential? credential = null,
        IReadOnlyList<string>? addDirs = null) =>
        new GeminiCommandLine(new GeminiOptions { BaseUrl = "http://127.0.0.1:9" }).Build(new AgentLaunch
        {
            Key = new RunKey(Guid.NewGuid(), 1),
            Grant = new RunGrant
            {
                Prompt = prompt,
                ArgumentsJson = asked,
                SessionId = Session,
                CredentialName = "gemini",
                Timeout = TimeSpan.FromMinutes(1),
                IdleTimeout = TimeSpan.FromMinutes(1),
            },
            Resumes = resumes,
            Continues = resumes,
            Directories = new RunDirectories { Home = "/h", Config = "/h/.gemini", Temporary = "/t", Work = "/w", WorkIdentity = default, WorkIsPrivate = true, AddDirs = addDirs ?? [] },
            Credential = credential ?? new ProviderCredential("gemini", CredentialKind.ApiKey, "k"),
            TraceParent = traceParent,
        });
}

using System.Globalization;
using System.Text;
using Gateway.Contracts.Values;
using Gateway.Execution.Credentials;
using Gateway.Execution.Runs;

namespace Gateway.Execution.Providers.Claude;

/// <summary>
/// The argument vector, environment and standard input of one run. A caller's prompt goes to standard input alone:
/// on the command line it would be read for options.
/// </summary>
/// <param name="options">How Claude Code is started on this worker.</param>
internal sealed class ClaudeCommandLine(ClaudeOptions options)
{
    /// <summary>What a resumed run is told in place of the prompt, which its conversation already holds.</summary>
    public const string Continuation =
        "Your work on this task was cut off by an interruption outside your control. Look at what is already done, then go on and finish the task.";

    private static readonly string[] Fixed =
    [
        "-p", "--output-format", "stream-json", "--verbose", "--include-partial-messages",
        "--setting-sources", "user", "--strict-mcp-config", "--disable-slash-commands", "--permission-prompts", "none",
    ];

    /// <summary>Makes the command of a run.</summary>
    /// <param name="launch">The run.</param>
    /// <exception cref="RunRefusedException">An argument cannot be passed on, or no budget is left.</exception>
    public AgentCommand Build(AgentLaunch launch) => new()
    {
        Program = options.Program,
        Arguments = Arguments(launch),
        Environment = Environment(launch),
        Stdin = Encoding.UTF8.GetBytes(launch.Resumes ? Continuation : Prompt(launch.Grant.Prompt)),
        Secret = launch.Credential.Kind == CredentialKind.ApiKey ? launch.Credential.Value : null,
        SecretVariable = launch.Credential.Kind == CredentialKind.ApiKey ? "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR" : null,
    };

    // The CLI answers a known command word itself, without the model and with exit code 0.
    private static string Prompt(string prompt) => prompt.StartsWith('/') ? "\n" + prompt : prompt;

    private static List<string> Arguments(AgentLaunch launch)
    {
        var asked = Asked(launch.Grant);
        List<string> argv = [.. Fixed];
        Name(argv, "--model", asked.Model);
        Name(argv, "--fallback-model", asked.FallbackModel);
        Name(argv, "--permission-mode", asked.PermissionMode == "default" ? null : asked.PermissionMode);
        Names(argv, "--allowed-tools", asked.AllowedTools);
        Names(argv, "--disallowed-tools", asked.DisallowedTools);
        Value(argv, "--max-turns", asked.MaxTurns?.ToString(CultureInfo.InvariantCulture));
        Value(argv, "--max-budget-usd", BudgetLeft(launch.Grant));
        Name(argv, "--effort", asked.Effort);
        Value(argv, "--system-prompt", asked.SystemPrompt);
        Value(argv, "--append-system-prompt", asked.AppendSystemPrompt);
        if (launch.Resumes && (asked.SystemPrompt ?? asked.AppendSystemPrompt) is not null)
        {
            // Else the system prompt that the conversation recorded would win.
            Value(argv, "--system-prompt-snapshot", "off");
        }

        Value(argv, "--json-schema", asked.JsonSchema);
        Tools(argv, asked.Tools);
        Value(argv, "--agents", asked.AgentsJson);
        Name(argv, "--agent", asked.Agent);
        Name(argv, "--name", asked.Name);
        Flag(argv, "--no-session-persistence", asked.NoSessionPersistence);
        Flag(argv, "--exclude-dynamic-system-prompt-sections", asked.ExcludeDynamicSystemPromptSections);
        Flag(argv, "--safe-mode", asked.SafeMode);
        Value(argv, launch.Resumes ? "--resume" : "--session-id", launch.Grant.SessionId.ToString("d"));
        return argv;
    }

    private static ClaudeArguments Asked(RunGrant grant) => grant.Claude
        ?? throw RunRefusedException.Of(FailureKinds.Rejected, "The run came without arguments for Claude Code. Ask again; if it stays, the gateway is older than this worker.");

    private static string? BudgetLeft(RunGrant grant)
    {
        if (Asked(grant).MaxBudgetUsd is not { } budget)
        {
            return null;
        }

        var left = budget - grant.SpentUsd;
        return left > 0
            ? left.ToString("0.############", CultureInfo.InvariantCulture)
            : throw RunRefusedException.Of(FailureKinds.BudgetExceeded, "Earlier attempts have used up maxBudgetUsd. Ask again with a larger budget.");
    }

    // An empty list is an empty text: no tool at all.
    private static void Tools(List<string> argv, IReadOnlyList<string>? tools) =>
        Value(argv, "--tools", tools is null ? null : string.Join(',', tools.Select(tool => Checked("--tools", tool))));

    private static void Flag(List<string> argv, string flag, bool asked)
    {
        if (asked)
        {
            argv.Add(flag);
        }
    }

    private static void Names(List<string> argv, string flag, IReadOnlyList<string> values)
    {
        if (values.Count > 0)
        {
            argv.Add(flag);
            argv.AddRange(values.Select(value => Checked(flag, value)));
        }
    }

    private static void Name(List<string> argv, string flag, string? value) =>
        Value(argv, flag, value is null ? null : Checked(flag, value));

    private static void Value(List<string> argv, string flag, string? value)
    {
        if (value is null)
        {
            return;
        }

        if (value.Contains('\0', StringComparison.Ordinal))
        {
            // The kernel would end the argument there without a word.
            throw RunRefusedException.Of(FailureKinds.Rejected, $"The value for {flag} holds a NUL character. Remove it.");
        }

        argv.Add(flag);
        argv.Add(value);
    }

    // The edge has checked names already; this is the last line before they could become options of the CLI.
    private static string Checked(string flag, string value) => value.Length > 0 && value[0] != '-' && !value.Contains('\0', StringComparison.Ordinal)
        ? value
        : throw RunRefusedException.Of(FailureKinds.Rejected, $"A value for {flag} is empty, begins with '-' or holds a NUL character. Change it.");

    private Dictionary<string, string> Environment(AgentLaunch launch)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = options.SearchPath,
            ["HOME"] = launch.Directories.Home,
            ["TMPDIR"] = launch.Directories.Temporary,
            ["LANG"] = "C.UTF-8",
            ["CLAUDE_CONFIG_DIR"] = launch.Directories.Config,
            ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"] = "1",
            ["DISABLE_AUTOUPDATER"] = "1",
            ["CLAUDE_CODE_DISABLE_BACKGROUND_TASKS"] = "1",
            ["CLAUDE_CODE_MAX_RETRIES"] = options.MaxRetries.ToString(CultureInfo.InvariantCulture),
            ["API_TIMEOUT_MS"] = ((long)options.ApiTimeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
        };
        Add(environment, "ANTHROPIC_BASE_URL", options.BaseUrl);
        Add(environment, "TRACEPARENT", launch.TraceParent);
        Add(environment, "ANTHROPIC_AUTH_TOKEN", launch.Credential.Kind == CredentialKind.AuthToken ? launch.Credential.Value : null);
        return environment;
    }

    private static void Add(Dictionary<string, string> environment, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            environment[name] = value;
        }
    }
}

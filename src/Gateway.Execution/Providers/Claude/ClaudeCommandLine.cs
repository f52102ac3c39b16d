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
    // A workspace's settings name programs to run, and may move the address that the key is sent to.
    private static string[] Fixed(bool trusted) =>
    [
        "-p", "--output-format", "stream-json", "--verbose", "--include-partial-messages",
        "--setting-sources", trusted ? "user,project" : "user", "--strict-mcp-config", "--disable-slash-commands", "--permission-prompts", "none",
    ];

    /// <summary>Makes the command of a run.</summary>
    /// <param name="launch">The run.</param>
    /// <exception cref="RunRefusedException">An argument cannot be passed on, or no budget is left.</exception>
    public AgentCommand Build(AgentLaunch launch) => new()
    {
        Program = options.Program,
        Arguments = Arguments(launch),
        Environment = Environment(launch),
        Stdin = Encoding.UTF8.GetBytes(launch.Continues ? Continuation.Prompt : Prompt(launch.Grant.Prompt)),
        Secret = launch.Credential.Kind == CredentialKind.ApiKey ? launch.Credential.Value : null,
        SecretVariable = launch.Credential.Kind == CredentialKind.ApiKey ? "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR" : null,
    };

    // The CLI answers a known command word itself, without the model and with exit code 0.
    private static string Prompt(string prompt) => prompt.StartsWith('/') ? "\n" + prompt : prompt;

    private static IReadOnlyList<string> Arguments(AgentLaunch launch)
    {
        var asked = Asked(launch.Grant);
        var argv = new Argv(Fixed(launch.Directories.Trusted));
        argv.Name("--model", asked.Model);
        argv.Name("--fallback-model", asked.FallbackModel);
        argv.Name("--permission-mode", asked.PermissionMode == "default" ? null : asked.PermissionMode);
        argv.Names("--allowed-tools", asked.AllowedTools);
        argv.Names("--disallowed-tools", asked.DisallowedTools);
        argv.Value("--max-turns", asked.MaxTurns?.ToString(CultureInfo.InvariantCulture));
        argv.Value("--max-budget-usd", BudgetLeft(launch.Grant));
        argv.Name("--effort", asked.Effort);
        argv.Value("--system-prompt", asked.SystemPrompt);
        argv.Value("--append-system-prompt", asked.AppendSystemPrompt);
        if (launch.Resumes && (asked.SystemPrompt ?? asked.AppendSystemPrompt) is not null)
        {
            // Else the system prompt that the conversation recorded would win.
            argv.Value("--system-prompt-snapshot", "off");
        }

        foreach (var directory in launch.Directories.AddDirs)
        {
            argv.Value("--add-dir", directory);
        }

        argv.Value("--json-schema", asked.JsonSchema);
        argv.List("--tools", asked.Tools);
        argv.Value("--agents", asked.AgentsJson);
        argv.Name("--agent", asked.Agent);
        argv.Name("--name", asked.Name);
        argv.Switch("--no-session-persistence", asked.NoSessionPersistence);
        argv.Switch("--exclude-dynamic-system-prompt-sections", asked.ExcludeDynamicSystemPromptSections);
        argv.Switch("--safe-mode", asked.SafeMode);
        argv.Value("--mcp-config", launch.McpServers.Count > 0 ? ClaudeMcpConfig.PathOf(launch.Directories) : null);
        argv.Value(launch.Resumes ? "--resume" : "--session-id", launch.Grant.SessionId.ToString("d"));
        return argv.Words;
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

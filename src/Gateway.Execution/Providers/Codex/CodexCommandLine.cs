using System.Globalization;
using System.Text;
using Gateway.Contracts.Values;
using Gateway.Execution.Credentials;
using Gateway.Execution.Runs;
using Gateway.Processes.Spool;

namespace Gateway.Execution.Providers.Codex;

/// <summary>
/// The argument vector, environment and standard input of one run. A caller's prompt goes to standard input alone, and the key
/// into the one variable that Codex reads.
/// </summary>
/// <param name="options">How Codex is started on this worker.</param>
internal sealed class CodexCommandLine(CodexOptions options)
{
    private const string KeyVariable = "CODEX_API_KEY";
    private const string OpenAi = "https://api.openai.com/v1";
    private const string ReadOnly = "read-only";

    private static readonly string[] SandboxModes = [ReadOnly, "workspace-write", "danger-full-access"];
    private static readonly string[] LocalProviders = ["lmstudio", "ollama"];

    /// <summary>Makes the command of a run.</summary>
    /// <param name="launch">The run.</param>
    /// <param name="asked">Its arguments.</param>
    /// <param name="thread">The conversation to go on with; null for a new one.</param>
    /// <param name="schemaPath">File that holds the schema of the answer; null when none is asked for.</param>
    /// <exception cref="RunRefusedException">An argument cannot be passed on, or the credential is of a kind that Codex does not take.</exception>
    public AgentCommand Build(AgentLaunch launch, CodexArguments asked, Guid? thread, string? schemaPath) => new()
    {
        Program = options.Program,
        Arguments = Arguments(launch, asked, thread, schemaPath),
        Environment = Environment(launch, asked),
        Stdin = Encoding.UTF8.GetBytes(launch.Continues ? Continuation.Prompt : launch.Grant.Prompt),
    };

    private IReadOnlyList<string> Arguments(AgentLaunch launch, CodexArguments asked, Guid? thread, string? schemaPath)
    {
        var argv = new Argv([.. thread is null ? ["exec"] : (string[])["exec", "resume"], "--json", "--skip-git-repo-check"]);
        Config(argv, "shell_environment_policy.inherit", "core");

        // Tools are found by it when all that a run has left is ended; the policy above took it from them.
        Config(argv, "shell_environment_policy.set.GATEWAY_RUN", TomlText.Of(new RunId(launch.Key.JobId, launch.Key.Attempt).EnvironmentValue));

        // A network that is not there would be waited for without end, past every retry limit.
        Config(argv, "features.unbounded_connection_retries", "false");

        // These two call hosts that nobody has configured: a marketplace of plugins, and the maker's statistics.
        Config(argv, "features.plugins", "false");
        Config(argv, "analytics.enabled", "false");
        argv.Name("--model", asked.Model);
        Overrides(argv, asked);
        Sandbox(argv, asked, thread);
        argv.Switch("--dangerously-bypass-hook-trust", asked.BypassHookTrust);
        argv.Switch("--ignore-rules", asked.IgnoreRules);
        argv.Switch("--strict-config", asked.StrictConfig);

        // The MCP servers stand in that file, which is the job's own then and holds nothing else.
        argv.Switch("--ignore-user-config", asked.IgnoreUserConfig && launch.McpServers.Count == 0);
        argv.Switch("--ephemeral", asked.Ephemeral);
        argv.Value("--output-schema", schemaPath);
        if (thread is null)
        {
            OfNewThread(argv, launch, asked);
        }

        foreach (var path in WithPrompt(launch, asked.Images))
        {
            // The flag takes as many values as follow it, unless its value is joined to it.
            argv.Switch("--image=" + Absolute("images", path), set: true);
        }

        Provider(argv, launch.Credential, asked, thread);
        return [.. argv.Words, .. thread is { } id ? [id.ToString("d")] : (string[])[], "--", "-"];
    }

    // What is shown stands in the conversation then, as the prompt does.
    private static IEnumerable<string> WithPrompt(AgentLaunch launch, IReadOnlyList<string> images) => launch.Continues ? [] : images;

    private static void Overrides(Argv argv, CodexArguments asked)
    {
        foreach (var (key, value) in asked.ConfigOverrides)
        {
            // Whatever the edge allowed.
            if (CodexConfig.IsKept(key))
            {
                throw RunRefusedException.Of(FailureKinds.Rejected, $"configOverrides may not set {string.Join(", ", CodexConfig.KeptKeys)}: the gateway sets these itself. Leave them out.");
            }

            if (key.Length == 0 || key.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_')) || value.Any(char.IsControl))
            {
                throw RunRefusedException.Of(FailureKinds.Rejected, "A key of configOverrides is empty or has other characters than letters, digits, '.' and '_', or its value is more than one line. Change it.");
            }

            Config(argv, key, value);
        }

        foreach (var feature in asked.Enable)
        {
            argv.Name("--enable", feature);
        }

        foreach (var feature in asked.Disable)
        {
            argv.Name("--disable", feature);
        }
    }

    private static void Sandbox(Argv argv, CodexArguments asked, Guid? thread)
    {
        if (asked.BypassApprovalsAndSandbox)
        {
            argv.Switch("--dangerously-bypass-approvals-and-sandbox", set: true);
            return;
        }

        var mode = OneOf("sandboxMode", asked.SandboxMode ?? ReadOnly, SandboxModes);
        if (thread is null)
        {
            argv.Value("--sandbox", mode);
            return;
        }

        // A resumed conversation has no such flags, nor does it keep what it was begun with.
        Config(argv, "sandbox_mode", TomlText.Of(mode));
        if (asked.AddDirs.Count > 0)
        {
            Config(argv, "sandbox_workspace_write.writable_roots", $"[{string.Join(',', asked.AddDirs.Select(path => TomlText.Of(Absolute("addDir", path))))}]");
        }
    }

    private static void OfNewThread(Argv argv, AgentLaunch launch, CodexArguments asked)
    {
        argv.Value("--cd", launch.Grant.WorkingDirectory is null ? null : launch.Directories.Work);
        argv.Name("--profile", asked.Profile);
        foreach (var path in asked.AddDirs)
        {
            argv.Value("--add-dir", Absolute("addDir", path));
        }

        argv.Switch("--oss", asked.Oss);
        argv.Value("--local-provider", asked.LocalProvider is { } local ? OneOf("localProvider", local, LocalProviders) : null);
    }

    // The provider that is built in cannot be given retry limits, and tries WebSockets first, for seconds where there are none.
    // The name is not free: the CLI leaves out tools of its own for any other.
    private void Provider(Argv argv, ProviderCredential credential, CodexArguments asked, Guid? thread)
    {
        if (asked.Oss || asked.LocalProvider is not null)
        {
            if (thread is not null && asked.LocalProvider is { } local)
            {
                Config(argv, "model_provider", TomlText.Of(OneOf("localProvider", local, LocalProviders)));
            }

            return;
        }

        var login = credential.Kind == CredentialKind.Login;
        if (login && string.IsNullOrEmpty(options.BaseUrl))
        {
            return;
        }

        var address = string.IsNullOrEmpty(options.BaseUrl) ? OpenAi : options.BaseUrl.TrimEnd('/');
        Config(argv, "model_provider", "gateway");
        Config(argv, "model_providers.gateway", string.Create(
            CultureInfo.InvariantCulture,
            $"{{name=\"OpenAI\",base_url={TomlText.Of(address)},{(login ? "requires_openai_auth=true" : $"env_key=\"{KeyVariable}\"")},wire_api=\"responses\",request_max_retries={options.RequestMaxRetries},stream_max_retries={options.StreamMaxRetries},stream_idle_timeout_ms={(long)options.StreamIdleTimeout.TotalMilliseconds}}}"));
    }

    private Dictionary<string, string> Environment(AgentLaunch launch, CodexArguments asked)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = options.SearchPath,
            ["HOME"] = launch.Directories.Home,
            ["TMPDIR"] = launch.Directories.Temporary,
            ["LANG"] = "C.UTF-8",
            ["CODEX_HOME"] = launch.Directories.Config,
        };
        if (!string.IsNullOrEmpty(launch.TraceParent))
        {
            environment["TRACEPARENT"] = launch.TraceParent;
        }

        if (launch.McpServers.Count > 0)
        {
            // Nothing else tells that one did not come up.
            environment["RUST_LOG"] = "error,codex_mcp=warn";
        }

        if (!asked.Oss && Key(launch.Credential) is { } key)
        {
            environment[KeyVariable] = key;
        }

        return environment;
    }

    private static string? Key(ProviderCredential credential) => credential.Kind switch
    {
        CredentialKind.ApiKey => credential.Value,
        CredentialKind.Login => null,
        _ => throw RunRefusedException.Of(
            FailureKinds.AuthError, $"Credential '{credential.Name}' is of the kind auth_token, which Codex does not take. Make Credentials:{credential.Name} one of the kind api_key, helper or login on the worker."),
    };

    private static void Config(Argv argv, string key, string value) => argv.Value("-c", key + "=" + value);

    private static string OneOf(string argument, string value, string[] allowed) => allowed.Contains(value)
        ? value
        : throw RunRefusedException.Of(FailureKinds.Rejected, $"{argument} must be one of {string.Join(", ", allowed)}.");

    private static string Absolute(string argument, string path) => Path.IsPathRooted(path) && !path.Any(char.IsControl)
        ? path
        : throw RunRefusedException.Of(FailureKinds.Rejected, $"A path in {argument} is not absolute, or holds a control character. Change it.");
}

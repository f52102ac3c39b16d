using System.Text;
using Gateway.Contracts.Values;
using Gateway.Execution.Credentials;
using Gateway.Execution.Runs;

namespace Gateway.Execution.Providers.Gemini;

/// <summary>
/// The argument vector, environment and standard input of one run. A caller's prompt goes to standard input alone:
/// on the command line it would be read for options.
/// </summary>
/// <param name="options">How Gemini CLI is started on this worker.</param>
internal sealed class GeminiCommandLine(GeminiOptions options)
{
    // A directory must be trusted, or nothing is run without a person. Trusted by this flag it is not yet when settings are read: with
    // folder trust on, as GeminiSettings has it, what the workspace brings of settings, hooks, servers and variables is left where it is.
    private static readonly string[] Fixed = ["--output-format", "stream-json", "--skip-trust"];

    /// <summary>Makes the command of a run.</summary>
    /// <param name="launch">The run.</param>
    /// <exception cref="RunRefusedException">An argument or the credential cannot be passed on.</exception>
    public AgentCommand Build(AgentLaunch launch) => new()
    {
        Program = options.Program,
        Arguments = Arguments(launch),
        Environment = Environment(launch),
        Stdin = Encoding.UTF8.GetBytes(launch.Continues ? Continuation.Prompt : Prompt(launch.Grant.Prompt)),
    };

    // The CLI carries out a command word itself, without the model.
    private static string Prompt(string prompt) => prompt.StartsWith('/') ? "\n" + prompt : prompt;

    private static IReadOnlyList<string> Arguments(AgentLaunch launch)
    {
        var asked = GeminiJson.Read(launch.Grant.ArgumentsJson);
        var argv = new Argv(Fixed);
        argv.Name("--model", asked.Model);
        argv.Name("--approval-mode", asked.ApprovalMode == "default" ? null : asked.ApprovalMode);
        foreach (var directory in asked.IncludeDirs.Concat(launch.Directories.AddDirs))
        {
            argv.Name("--include-directories", OfOnePart("--include-directories", directory));
        }

        foreach (var tool in asked.AllowedTools)
        {
            argv.Name("--allowed-tools", OfOnePart("--allowed-tools", tool));
        }

        foreach (var server in launch.McpServers)
        {
            argv.Name("--allowed-mcp-server-names", server.Name);
        }

        argv.Switch("--sandbox", asked.Sandbox);
        argv.Name(launch.Resumes ? "--resume" : "--session-id", launch.Grant.SessionId.ToString("d"));
        return argv.Words;
    }

    // The CLI cuts these values at commas and trims the parts, so one name would become another, or two.
    private static string OfOnePart(string flag, string value) => !value.Contains(',', StringComparison.Ordinal) && value.Trim().Trim('\uFEFF') == value
        ? value
        : throw RunRefusedException.Of(FailureKinds.Rejected, $"A value for {flag} holds a comma, or begins or ends with a blank, which Gemini CLI would change. Use another one.");

    private static string? Key(ProviderCredential credential) => credential.Kind switch
    {
        CredentialKind.ApiKey => credential.Value,
        CredentialKind.Login => null,
        _ => throw RunRefusedException.Of(
            FailureKinds.AuthError,
            $"Credential '{credential.Name}' is a bearer token, which Gemini CLI cannot use. Set Credentials:{credential.Name}:Kind to api_key, helper or login on the worker."),
    };

    private Dictionary<string, string> Environment(AgentLaunch launch)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = options.SearchPath,
            ["HOME"] = launch.Directories.Home,
            ["TMPDIR"] = launch.Directories.Temporary,
            ["LANG"] = "C.UTF-8",
            ["GEMINI_TELEMETRY_ENABLED"] = "false",
        };
        Add(environment, "GEMINI_API_KEY", Key(launch.Credential));
        Add(environment, "GOOGLE_GEMINI_BASE_URL", options.BaseUrl);
        Add(environment, "TRACEPARENT", launch.TraceParent);
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

using System.Diagnostics;
using System.Text;

namespace Gateway.EndToEndTests.Doubles;

/// <summary>Home and workspace of their own, and the exact start of Codex in them (TOOLS 5.5): argv, environment, prompt on stdin.</summary>
internal sealed class CodexHome : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-codex-");

    public CodexHome()
    {
        // Not below the directory of temporary files: the CLI would not find its own helpers there.
        Directory.CreateDirectory(Path.Combine(Home, ".codex"));
        Directory.CreateDirectory(Temporary);
        Directory.CreateDirectory(Workspace);
    }

    public string Home => Path.Combine(_folder.FullName, "home");

    public string Temporary => Path.Combine(_folder.FullName, "tmp");

    public string Workspace => Path.Combine(_folder.FullName, "ws");

    /// <summary>What starts the CLI: nothing, or a tracer and its arguments.</summary>
    public string[] Wrapper { get; set; } = [];

    /// <summary>Runs to the end and collects everything.</summary>
    /// <param name="program">The CLI.</param>
    /// <param name="modelUrl">Address of the model stub; null for none.</param>
    /// <param name="prompt">What stdin gives.</param>
    /// <param name="arguments">Words behind <c>exec</c>, or behind <c>exec resume</c> when a thread is given.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="thread">The conversation to be gone on with.</param>
    public async Task<CliRun> RunAsync(string program, string? modelUrl, string prompt, string[] arguments, CancellationToken cancellationToken, string? thread = null)
    {
        var provider = $"model_providers.gateway={{name=\"OpenAI\",base_url=\"{modelUrl ?? "http://127.0.0.1:9"}/v1\",env_key=\"CODEX_API_KEY\",wire_api=\"responses\",request_max_retries=0,stream_max_retries=0}}";
        string[] command =
        [
            .. Wrapper, program, .. thread is null ? ["exec"] : (string[])["exec", "resume"], "--json", "--skip-git-repo-check", "-c", "shell_environment_policy.inherit=core",
            "-c", "shell_environment_policy.set.GATEWAY_RUN=\"job_test/1\"", "-c", "features.unbounded_connection_retries=false", "-c", "features.plugins=false", "-c", "analytics.enabled=false",
            .. arguments, "-c", "model_provider=gateway", "-c", provider, .. thread is null ? [] : (string[])[thread], "--", "-",
        ];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = Workspace,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
        };
        start.Environment.Clear();
        foreach (var (name, value) in Variables())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Write(prompt);
        process.StandardInput.Close();
        return await CliHome.FinishAsync(process, cancellationToken);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Dictionary<string, string> Variables() => new()
    {
        ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
        ["HOME"] = Home,
        ["TMPDIR"] = Temporary,
        ["LANG"] = "C.UTF-8",
        ["CODEX_HOME"] = Path.Combine(Home, ".codex"),
        ["CODEX_API_KEY"] = CliHome.Key,
        ["GATEWAY_RUN"] = "job_test/1",
    };
}

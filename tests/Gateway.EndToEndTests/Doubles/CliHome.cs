using System.Diagnostics;
using System.Text;

namespace Gateway.EndToEndTests.Doubles;

/// <summary>Home and workspace of their own, and the exact start of a CLI in them (TOOLS 5.5): argv, environment, key by descriptor, prompt on stdin.</summary>
internal sealed class CliHome : IDisposable
{
    public const string Key = "sk-ant-test-0123456789abcdef";

    // A here-document is a pipe with its end of file already in it: once the CLI has read the key, nobody can read it again. A file could be reopened by tools through /proc/PID/fd.
    private const string HandOver = "key=$GATEWAY_TEST_KEY; unset GATEWAY_TEST_KEY; exec \"$@\" 3<<END\n$key\nEND\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-doubles-");

    public CliHome()
    {
        Directory.CreateDirectory(Path.Combine(Home, "tmp"));
        Directory.CreateDirectory(Workspace);
    }

    public string Home => Path.Combine(_folder.FullName, "home");

    public string Workspace => Path.Combine(_folder.FullName, "ws");

    /// <summary>What starts the CLI: nothing, or a sandbox and its arguments.</summary>
    public string[] Wrapper { get; set; } = [];

    public string Transcript(string sessionId) => Directory.EnumerateFiles(Path.Combine(Home, ".claude", "projects"), sessionId + ".jsonl", SearchOption.AllDirectories).Single();

    /// <summary>Runs to the end and collects everything.</summary>
    public async Task<CliRun> RunAsync(string program, string? modelUrl, string prompt, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Start(program, modelUrl, prompt, arguments);
        return await FinishAsync(process, cancellationToken);
    }

    public Process Start(string program, string? modelUrl, string prompt, string[] arguments)
    {
        string[] command =
        [
            "-c", HandOver, "sh", .. Wrapper, program, "-p", "--output-format", "stream-json", "--verbose", "--include-partial-messages", "--setting-sources", "user",
            "--strict-mcp-config", "--disable-slash-commands", "--permission-prompts", "none", .. arguments,
        ];
        var start = new ProcessStartInfo("/bin/sh", command)
        {
            WorkingDirectory = Workspace,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
        };
        start.Environment.Clear();
        foreach (var (name, value) in Variables(modelUrl))
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.StandardInput.Write(prompt);
        process.StandardInput.Close();
        return process;
    }

    public static async Task<CliRun> FinishAsync(Process process, CancellationToken cancellationToken)
    {
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return new CliRun(process.ExitCode, await output, await errors);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Dictionary<string, string> Variables(string? modelUrl) => new()
    {
        ["PATH"] = "/usr/bin:/bin",
        ["HOME"] = Home,
        ["CLAUDE_CONFIG_DIR"] = Path.Combine(Home, ".claude"),
        ["TMPDIR"] = Path.Combine(Home, "tmp"),
        ["LANG"] = "C.UTF-8",
        ["ANTHROPIC_BASE_URL"] = modelUrl ?? "http://127.0.0.1:9",
        ["GATEWAY_TEST_KEY"] = Key,
        ["CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR"] = "3",
        ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"] = "1",
        ["DISABLE_AUTOUPDATER"] = "1",
        ["CLAUDE_CODE_DISABLE_BACKGROUND_TASKS"] = "1",
        ["CLAUDE_CODE_MAX_RETRIES"] = "0",
        ["API_TIMEOUT_MS"] = "60000",
        ["GATEWAY_RUN"] = "job_test/1",
    };
}

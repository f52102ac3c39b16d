using System.Diagnostics;
using System.Text;

namespace Gateway.EndToEndTests.Doubles;

/// <summary>Home and workspace of their own, and the exact start of Gemini CLI in them (TOOLS 5.5): argv, environment, settings, prompt on stdin.</summary>
internal sealed class GeminiHome : IDisposable
{
    private const string Settings = """{"security":{"auth":{"selectedType":"gemini-api-key","useExternal":true},"folderTrust":{"enabled":true}},"privacy":{"usageStatisticsEnabled":false},"general":{"maxAttempts":1}}""";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-gemini-");

    public GeminiHome()
    {
        Directory.CreateDirectory(Path.Combine(Home, "tmp"));
        Directory.CreateDirectory(Path.Combine(Home, ".gemini"));
        Directory.CreateDirectory(Workspace);
        File.WriteAllText(Path.Combine(Home, ".gemini", "settings.json"), Settings);
    }

    public string Home => Path.Combine(_folder.FullName, "home");

    public string Workspace => Path.Combine(_folder.FullName, "ws");

    /// <summary>Runs to the end and collects everything.</summary>
    public async Task<CliRun> RunAsync(string program, string? modelUrl, string prompt, string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, ["--output-format", "stream-json", "--skip-trust", .. arguments])
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

        using var process = Process.Start(start)!;
        process.StandardInput.Write(prompt);
        process.StandardInput.Close();
        return await CliHome.FinishAsync(process, cancellationToken);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Dictionary<string, string> Variables(string? modelUrl) => new()
    {
        ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
        ["HOME"] = Home,
        ["TMPDIR"] = Path.Combine(Home, "tmp"),
        ["LANG"] = "C.UTF-8",
        ["GEMINI_API_KEY"] = CliHome.Key,
        ["GOOGLE_GEMINI_BASE_URL"] = modelUrl ?? "http://127.0.0.1:9",
        ["GEMINI_TELEMETRY_ENABLED"] = "false",
        ["GATEWAY_RUN"] = "job_test/1",
    };
}

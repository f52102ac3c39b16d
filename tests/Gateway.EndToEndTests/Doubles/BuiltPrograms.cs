using System.Diagnostics;

namespace Gateway.EndToEndTests.Doubles;

/// <summary>Where the programs under test lie: beside this one, as the build puts them, and the pinned CLIs, which scripts of <c>build/</c> install once.</summary>
internal static class BuiltPrograms
{
    private static readonly Lazy<string> PinnedClaude = new(() => Ask("claude"));
    private static readonly Lazy<string> PinnedCodex = new(() => Ask("codex"));
    private static readonly Lazy<string> PinnedGemini = new(() => Ask("gemini"));

    public static string ModelStub => Built("Gateway.ModelStub");

    public static string Gateway => Built("Gateway.Api");

    public static string Worker => Built("Gateway.Worker");

    public static string Cli => Path.Combine(Path.GetDirectoryName(Built("Gateway.Cli"))!, "gateway");

    public static string FakeAgent => Built("Gateway.FakeAgent");

    public static string FakeClaudeScript => Path.Combine(Path.GetDirectoryName(FakeAgent)!, "fake-claude");

    public static string Claude => PinnedClaude.Value;

    public static string Codex => PinnedCodex.Value;

    public static string Gemini => PinnedGemini.Value;

    private static string Built(string project) => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", project, new DirectoryInfo(AppContext.BaseDirectory).Name, project));

    public static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run from inside the repository.");
        }

        return folder.FullName;
    }

    private static string Ask(string cli)
    {
        using var script = Process.Start(new ProcessStartInfo(Path.Combine(Root(), "build", cli)) { RedirectStandardOutput = true })!;
        var path = script.StandardOutput.ReadToEnd().Trim();
        script.WaitForExit();
        return script.ExitCode == 0 ? path : throw new InvalidOperationException($"build/{cli} could not install the pinned CLI.");
    }
}

using System.Diagnostics;

namespace Gateway.EndToEndTests.Doubles;

/// <summary>The small MCP server as a server of its own, over Streamable HTTP.</summary>
internal sealed class McpServerProcess : IDisposable
{
    private readonly Process process;

    private McpServerProcess(Process process, string url) => (this.process, Url) = (process, url);

    /// <summary>Its script, which serves over stdio when it is started without more.</summary>
    public static string Script { get; } = Path.Combine(BuiltPrograms.Root(), "tests", "Gateway.EndToEndTests", "Doubles", "mcp-server.mjs");

    public string Url { get; }

    /// <summary>Starts it.</summary>
    /// <param name="notes">The file that it writes to.</param>
    public static async Task<McpServerProcess> StartAsync(string notes)
    {
        var process = Process.Start(new ProcessStartInfo("/usr/bin/env", ["node", Script, notes, "--http"]) { RedirectStandardOutput = true })!;
        return new McpServerProcess(process, await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The MCP server did not start."));
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}

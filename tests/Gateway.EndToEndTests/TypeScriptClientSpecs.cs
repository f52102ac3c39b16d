using System.Diagnostics;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>The official TypeScript client calls every tool; it validates each answer against the tool's output schema.</summary>
public sealed class TypeScriptClientSpecs : GatewayHouse
{
    [Fact]
    public async Task Every_answer_fits_the_schema_that_its_tool_declares()
    {
        var folder = Path.Combine(BuiltPrograms.Root(), "tests", "Gateway.EndToEndTests", "TypeScriptClient");
        if (!File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json")))
        {
            var (installed, log) = await RunAsync("npm", folder, "ci", "--no-audit", "--no-fund", "--loglevel", "error");
            Assert.True(installed == 0, log);
        }

        var gateway = await StartAsync(("Auth:Scopes", "jobs:run jobs:read jobs:cancel approvals:decide sessions:manage"));

        var (code, output) = await RunAsync("node", folder, "call-every-tool.mjs", gateway.Url.ToString(), gateway.Key);

        Tell($"{output}");
        Assert.True(code == 0, output);
        Assert.Contains("ok claude_request_async", output, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(Token);
        var errors = process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, await output + await errors);
    }
}

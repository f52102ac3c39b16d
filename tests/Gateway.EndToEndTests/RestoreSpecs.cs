using System.Diagnostics;
using System.Text.RegularExpressions;
using Gateway.EndToEndTests.Doubles;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>A build where CI builds takes the very packages that were locked.</summary>
public sealed partial class RestoreSpecs : IDisposable
{
    private const string Project = "src/Gateway.Policies";
    private readonly DirectoryInfo _tree = Directory.CreateTempSubdirectory("gwr");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Lock => Path.Combine(_tree.FullName, Project, "packages.lock.json");

    public void Dispose() => _tree.Delete(recursive: true);

    [Fact]
    public async Task A_package_that_is_not_the_locked_one_stops_the_restore()
    {
        Directory.CreateDirectory(Path.Combine(_tree.FullName, Project));
        foreach (var file in (string[])["global.json", "Directory.Build.props", "Directory.Packages.props", "BannedSymbols.txt", "BannedSymbols.Processes.txt", "BannedSymbols.Settings.txt", $"{Project}/Gateway.Policies.csproj", $"{Project}/packages.lock.json"])
        {
            File.Copy(Path.Combine(BuiltPrograms.Root(), file), Path.Combine(_tree.FullName, file));
        }

        var (code, output) = await RestoreAsync();
        Assert.True(code == 0, output);

        // Another content under the same version; then another version than the project asks for.
        var locked = await File.ReadAllTextAsync(Lock, Token);
        await File.WriteAllTextAsync(Lock, Hash().Replace(locked, "\"contentHash\": \"AAAAAAAA"), Token);
        (code, output) = await RestoreAsync();
        Assert.NotEqual(0, code);
        Assert.Contains("NU1403", output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(Lock, Asked().Replace(locked, "\"requested\": \"[0.0.1, )\""), Token);
        (code, output) = await RestoreAsync();
        Assert.NotEqual(0, code);
        Assert.Contains("NU1004", output, StringComparison.Ordinal);
    }

    [GeneratedRegex("\"contentHash\": \"[A-Za-z0-9+/]{8}")]
    private static partial Regex Hash();

    [GeneratedRegex("\"requested\": \"[^\"]+\"")]
    private static partial Regex Asked();

    private async Task<(int ExitCode, string Output)> RestoreAsync()
    {
        foreach (var made in (string[])["artifacts", $"{Project}/obj"])
        {
            if (Directory.Exists(Path.Combine(_tree.FullName, made)))
            {
                Directory.Delete(Path.Combine(_tree.FullName, made), recursive: true);
            }
        }

        var start = new ProcessStartInfo("dotnet", ["restore", Path.Combine(_tree.FullName, Project), "-p:Configuration=Release", "-nodeReuse:false"]) { RedirectStandardOutput = true, WorkingDirectory = _tree.FullName };
        (start.Environment["CI"], start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"], start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"]) = ("true", "1", "0");
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, output);
    }
}

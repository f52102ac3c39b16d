using System.Diagnostics;

namespace Gateway.Tests.Docker;

/// <summary>A program of the machine, where it is installed.</summary>
internal static class Tool
{
    public static bool IsThere(string name) => File.Exists($"/usr/bin/{name}");

    public static (int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
    }
}

using System.Runtime.InteropServices;
using Gateway.Contracts.Workspaces;

namespace Gateway.Execution.Providers.Codex;

/// <summary>
/// The program that is really started, and what has to be seen beside it. npm's <c>codex</c> is a script that starts the
/// program of another package, and that one runs tools with the help of further programs of its package: in a sandbox that
/// shows the program alone it has none.
/// </summary>
/// <param name="Program">Absolute path of the program.</param>
/// <param name="Folder">Folder of its package; null when it stands by itself.</param>
internal sealed record CodexInstallation(string Program, string? Folder)
{
    private const string PackageFile = "codex-package.json";

    /// <summary>What a path leads to.</summary>
    /// <param name="path">The configured program.</param>
    public static CodexInstallation At(string path)
    {
        var real = RealPath.Of(path) ?? path;
        var program = Path.GetFileName(real) == "codex.js" ? OfPackage(real) ?? real : real;
        var folder = Path.GetDirectoryName(Path.GetDirectoryName(program));
        return new CodexInstallation(program, folder is not null && File.Exists(Path.Combine(folder, PackageFile)) ? folder : null);
    }

    // …/@openai/codex/bin/codex.js; the other package is beside that one, or within it.
    private static string? OfPackage(string script)
    {
        var package = Path.GetDirectoryName(Path.GetDirectoryName(script)) ?? "/";
        var name = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "codex-linux-arm64" : "codex-linux-x64";
        return ((string[])[Path.Combine(package, "..", name), Path.Combine(package, "node_modules", "@openai", name)])
            .Select(folder => Path.GetFullPath(Path.Combine(folder, "vendor")))
            .Where(Directory.Exists)
            .SelectMany(Directory.EnumerateDirectories)
            .Select(folder => Path.Combine(folder, "bin", "codex"))
            .FirstOrDefault(File.Exists);
    }
}

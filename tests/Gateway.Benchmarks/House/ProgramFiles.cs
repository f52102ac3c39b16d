namespace Gateway.Benchmarks.House;

/// <summary>Where the built programs lie: beside this one, as the build puts them.</summary>
internal static class ProgramFiles
{
    public static string Gateway => Built("Gateway.Api", "Gateway.Api");

    public static string Worker => Built("Gateway.Worker", "Gateway.Worker");

    /// <summary>The stand-in that answers at once.</summary>
    public static string FakeClaude => Built("Gateway.FakeAgent", "fake-claude");

    /// <summary>The stand-in that tells when it runs; a template.</summary>
    public static string SignalClaude => Path.Combine(AppContext.BaseDirectory, "signal-claude");

    /// <summary>The gateway of another checkout that was built there.</summary>
    /// <param name="folder">The checkout.</param>
    /// <exception cref="FileNotFoundException">It was not built.</exception>
    public static string GatewayOf(string folder)
    {
        var file = Path.GetFullPath(Path.Combine(folder, "artifacts", "bin", "Gateway.Api", new DirectoryInfo(AppContext.BaseDirectory).Name, "Gateway.Api"));
        return File.Exists(file) ? file : throw new FileNotFoundException($"{file} does not exist: run build/bench --quick in {folder} once.", file);
    }

    private static string Built(string project, string file) =>
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", project, new DirectoryInfo(AppContext.BaseDirectory).Name, file));
}

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

    private static string Built(string project, string file) =>
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", project, new DirectoryInfo(AppContext.BaseDirectory).Name, file));
}

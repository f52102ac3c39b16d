namespace Gateway.Processes.Spool;

/// <summary>Where everything stands below the runner's folder.</summary>
internal static class SpoolFolder
{
    public static string Runs(string folder) => Path.Combine(folder, "runs");

    public static string Incoming(string folder) => Path.Combine(folder, "incoming");

    public static string Run(string folder, RunId id) => Path.Combine(folder, "runs", id.FolderName);

    public static string StreamPath(string runFolder, SpoolStream stream) =>
        Path.Combine(runFolder, stream == SpoolStream.Stdout ? "stdout" : "stderr");
}

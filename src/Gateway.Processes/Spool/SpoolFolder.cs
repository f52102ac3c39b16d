using System.Text.Json;
using Gateway.Processes.Launching;
using Gateway.Processes.Runner;

namespace Gateway.Processes.Spool;

/// <summary>Where everything stands below the runner's folder, and how its small files are written.</summary>
internal static class SpoolFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static string Runs(string folder) => Path.Combine(folder, "runs");

    public static string Incoming(string folder) => Path.Combine(folder, "incoming");

    public static string Run(string folder, RunId id) => Path.Combine(folder, "runs", id.FolderName);

    public static string StreamPath(string runFolder, SpoolStream stream) =>
        Path.Combine(runFolder, stream == SpoolStream.Stdout ? "stdout" : "stderr");

    public static string StdinPath(string runFolder) => Path.Combine(runFolder, "stdin");

    /// <summary>Makes a folder, and closes one that is there, for all but its owner.</summary>
    public static void Make(string folder)
    {
        // A folder that is made on the way to another one gets the rights that everybody's have.
        if (Path.GetDirectoryName(folder) is { Length: > 0 } above)
        {
            Directory.CreateDirectory(above, OwnerOnly);
        }

        Directory.CreateDirectory(folder, OwnerOnly);
        File.SetUnixFileMode(folder, OwnerOnly);
    }

    /// <summary>Writes a file that is either whole or not there, and survives the death of this process.</summary>
    /// <returns>The final path, for <see cref="Flush"/>.</returns>
    public static string Replace(string path, ReadOnlySpan<byte> content)
    {
        var draft = path + ".new";
        var descriptor = Native.Open(draft, Native.WriteOnly | Native.Create | Native.Truncate);
        try
        {
            while (content.Length > 0)
            {
                var count = Native.Write(descriptor, content);
                content = count >= 0 ? content[count..] : throw new NativeException("write", -count);
            }
        }
        finally
        {
            Native.Close(descriptor);
        }

        File.Move(draft, path, overwrite: true);
        return path;
    }

    /// <summary>Makes a file and its name survive the loss of power too.</summary>
    public static void Flush(string path)
    {
        foreach (var item in (string[])[path, Path.GetDirectoryName(path) ?? "/"])
        {
            var descriptor = Native.Open(item, Native.ReadOnly);
            _ = Native.fsync(descriptor);
            Native.Close(descriptor);
        }
    }

    /// <summary>Keeps what was started, for people. Of the environment only the names: a bearer token may stand in it.</summary>
    public static void WriteSpec(string runFolder, RunSpec spec) => Replace(
        Path.Combine(runFolder, "spec.json"),
        ServerJson.Write(spec with { Environment = spec.Environment.Keys.ToDictionary(name => name, _ => "") }));

    public static string WriteEnd(string runFolder, RunEnd end) =>
        Replace(Path.Combine(runFolder, "outcome.json"), ServerJson.Write(end));

    /// <summary>The stored end of a run; null when there is none that can be read.</summary>
    public static RunEnd? ReadEnd(string runFolder)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(runFolder, "outcome.json")), RunnerJson.Default.RunEnd);
        }
        catch (Exception unreadable) when (unreadable is IOException or JsonException)
        {
            return null;
        }
    }

    public static long LengthOf(string runFolder, SpoolStream stream)
    {
        var file = new FileInfo(StreamPath(runFolder, stream));
        return file.Exists ? file.Length : 0;
    }
}

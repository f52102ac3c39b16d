using Gateway.Processes.Spool;

namespace Gateway.Processes.Runner;

/// <summary><c>identity.json</c>: the worker's id belongs to the folder, not to a process, and the epoch never falls.</summary>
internal sealed class RunnerIdentityFile(string folder)
{
    private readonly string _path = Path.Combine(folder, "identity.json");

    /// <summary>Counts one more attach, on disk before anyone hears of it.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public RunnerIdentity RaiseEpoch()
    {
        var before = File.Exists(_path)
            ? ServerJson.ReadIdentity(File.ReadAllBytes(_path))
            : null;
        var now = new RunnerIdentity(before?.WorkerId ?? Guid.NewGuid(), (before?.Epoch ?? 0) + 1);
        SpoolFolder.Flush(SpoolFolder.Replace(_path, ServerJson.Write(now)));
        return now;
    }
}

using Gateway.Processes.Sandbox;
using Gateway.Processes.Spool;
using Microsoft.Extensions.Logging;

namespace Gateway.Processes.Runner;

/// <summary>What a new runner finds in its folder: finished runs as they ended, and those that its predecessor left without an end.</summary>
internal sealed partial class SpoolRecovery(string folder, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan SweepPatience = TimeSpan.FromSeconds(10);

    public List<RunState> Recover()
    {
        var incoming = SpoolFolder.Incoming(folder);
        if (Directory.Exists(incoming))
        {
            Directory.Delete(incoming, recursive: true);
        }

        SpoolFolder.Make(incoming);
        SpoolFolder.Make(SpoolFolder.Runs(folder));
        List<RunState> found = [];
        foreach (var path in Directory.EnumerateDirectories(SpoolFolder.Runs(folder)))
        {
            if (RunId.TryParseFolderName(Path.GetFileName(path), out var id))
            {
                found.Add(Recover(id, path));
            }
        }

        return found;
    }

    private RunState Recover(RunId id, string path)
    {
        var end = SpoolFolder.ReadEnd(path) ?? Lose(id, path);
        return new RunState { Id = id, StartedAt = end.StartedAt, StdoutBytes = end.StdoutBytes, StderrBytes = end.StderrBytes, End = end };
    }

    // Its tree must be gone before anyone hears that the run is lost: the next attempt may start at once.
    private RunEnd Lose(RunId id, string path)
    {
        if (!ProcessSweep.KillAll(id, clock, SweepPatience))
        {
            LogSurvivors(logger, id.JobId, id.Attempt);
        }

        var end = new RunEnd
        {
            Reason = RunEndReason.Lost,
            EndedAt = clock.GetUtcNow(),
            StdoutBytes = SpoolFolder.LengthOf(path, SpoolStream.Stdout),
            StderrBytes = SpoolFolder.LengthOf(path, SpoolStream.Stderr),
        };
        try
        {
            SpoolFolder.WriteEnd(path, end);
        }
        catch (IOException fault)
        {
            LogNotWritten(logger, id.JobId, id.Attempt, fault.Message);
        }

        return end;
    }

    [LoggerMessage(230, LogLevel.Error, "{JobId} attempt {Attempt} was lost, but processes with its mark could not be killed in time.")]
    private static partial void LogSurvivors(ILogger logger, Guid jobId, int attempt);

    [LoggerMessage(231, LogLevel.Warning, "{JobId} attempt {Attempt} was lost, but that could not be written: {Fault}")]
    private static partial void LogNotWritten(ILogger logger, Guid jobId, int attempt, string fault);
}

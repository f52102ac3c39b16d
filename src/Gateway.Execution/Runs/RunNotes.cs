using System.Text.Json;
using Gateway.Contracts.Values;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Runs;

/// <summary>
/// Keeps <see cref="RunNote"/>s, and the mark that a cancel was asked, over a restart of the worker. They stand outside
/// every directory that an agent can write.
/// </summary>
internal sealed class RunNotes(IOptions<WorkerOptions> options)
{
    private const UnixFileMode OwnerFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Keeps what is known of a run; before the run is started.</summary>
    public void Write(RunKey key, RunNote note)
    {
        var path = PathOf(key, "json");
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "/", OwnerFolder);
        using var file = new FileStream(path + ".new", new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerFile,
        });
        JsonSerializer.Serialize(file, note);
        file.Dispose();
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>What is known of a run; null when nothing readable is there.</summary>
    public RunNote? Read(RunKey key)
    {
        try
        {
            return JsonSerializer.Deserialize<RunNote>(File.ReadAllBytes(PathOf(key, "json")));
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Marks that a cancel was asked; before the stop signal, so that a restart cannot forget why a run was stopped.</summary>
    public void MarkCanceled(RunKey key) => Mark(key, "cancel");

    /// <summary>Whether <see cref="MarkCanceled"/> was called, also before a restart.</summary>
    public bool WasCanceled(RunKey key) => File.Exists(PathOf(key, "cancel"));

    /// <summary>The jobs of which something is still known.</summary>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public IEnumerable<Guid> Jobs() => Directory.Exists(Folder)
        ? Directory.EnumerateFiles(Folder).Select(JobOf).OfType<Guid>().Distinct()
        : [];

    /// <summary>Forgets all runs of a job.</summary>
    public void Remove(Guid jobId)
    {
        try
        {
            foreach (var file in Directory.EnumerateFiles(Folder, $"{jobId:n}-*"))
            {
                File.Delete(file);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next one who looks finds them again.
        }
    }

    /// <summary>Marks that the run is stopped because the worker goes; before the stop signal, for the same reason.</summary>
    public void MarkInterrupted(RunKey key) => Mark(key, "interrupt");

    /// <summary>Whether <see cref="MarkInterrupted"/> was called, also before a restart.</summary>
    public bool WasInterrupted(RunKey key) => File.Exists(PathOf(key, "interrupt"));

    /// <summary>Forgets a run.</summary>
    public void Remove(RunKey key)
    {
        foreach (var kind in (string[])["json", "cancel", "interrupt"])
        {
            try
            {
                File.Delete(PathOf(key, kind));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It goes with all else that is left of its job.
            }
        }
    }

    private string Folder => Path.Combine(options.Value.DataFolder, "notes");

    private static Guid? JobOf(string path) =>
        Guid.TryParseExact(Path.GetFileName(path).Split('-')[0], "n", out var jobId) ? jobId : null;

    private void Mark(RunKey key, string kind)
    {
        var path = PathOf(key, kind);
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "/", OwnerFolder);
        File.WriteAllBytes(path, []);
    }

    private string PathOf(RunKey key, string kind) => Path.Combine(Folder, FormattableString.Invariant($"{key.JobId:n}-{key.Attempt}.{kind}"));
}

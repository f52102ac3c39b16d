using System.Text.Json;

namespace Gateway.Cli.Doctor;

/// <summary>What can be seen without a running gateway: the data folder and the programs. Nothing is changed, nothing is started.</summary>
internal sealed class HouseInspection(string folder, IReadOnlyList<string> searchPath)
{
    private const UnixFileMode OthersMay = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    private const int LongestFolderBytes = 80;
    private const int WouldBlock = 11;

    /// <summary>Everything, in the order in which a person would look.</summary>
    public IEnumerable<Finding> Look() => [Folder(), Key(), Database(), Lock(), Claude(), Bubblewrap(), Git()];

    private Finding Folder()
    {
        if (!Directory.Exists(folder))
        {
            return Finding.Note("data folder", $"{folder} is not there; the first start makes it.");
        }

        if (System.Text.Encoding.UTF8.GetByteCount(folder) > LongestFolderBytes)
        {
            return Finding.Fault("data folder", $"{folder} is longer than {LongestFolderBytes} bytes: sockets lie in it. Give the setting Data:Folder a shorter one.");
        }

        return (File.GetUnixFileMode(folder) & OthersMay) == 0
            ? Finding.Ok("data folder", folder)
            : Finding.Fault("data folder", $"Others may look into {folder}. Give it mode 0700 (chmod 700).");
    }

    private Finding Key()
    {
        var file = Path.Combine(folder, "api-key");
        return !File.Exists(file) ? Finding.Note("api key", "There is none yet; the first start makes it.")
            : (File.GetUnixFileMode(file) & OthersMay) == 0 ? Finding.Ok("api key", "Its owner alone can read it.")
            : Finding.Fault("api key", $"Others may read {file}. Give it mode 0600 (chmod 600), and make a new key if somebody has.");
    }

    private Finding Database()
    {
        var file = Path.Combine(folder, "gateway.db");
        if (!File.Exists(file))
        {
            return Finding.Note("database", "There is no SQLite file here; the first start makes it, unless another database is set.");
        }

        try
        {
            using var reading = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Span<byte> head = stackalloc byte[16];
            return reading.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head.StartsWith("SQLite format 3\0"u8)
                ? Finding.Ok("database", $"{file}, {reading.Length / 1024.0 / 1024.0:0.0} MiB")
                : Finding.Fault("database", $"{file} is no SQLite database. Put back a backup, or move the file away to begin anew.");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return Finding.Fault("database", $"{file} cannot be read: {problem.Message}");
        }
    }

    private Finding Lock()
    {
        var file = Path.Combine(folder, "gateway.db.lock");
        if (!File.Exists(file))
        {
            return Finding.Note("lock", "No gateway has used the file yet.");
        }

        try
        {
            using var held = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return Finding.Ok("lock", "No process holds the database.");
        }
        catch (IOException problem) when (problem.HResult == WouldBlock)
        {
            return Finding.Ok("lock", "A running gateway holds the database.");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return Finding.Fault("lock", $"{file} cannot be opened: {problem.Message}");
        }
    }

    private Finding Claude() => Find("claude") is { } program
        ? Finding.Ok("claude", $"{program}, {VersionOf(program) ?? "version unknown"}")
        : Finding.Note("claude", "The Claude Code CLI is not in PATH: unless the setting Claude:Program names it, no job can run.");

    private Finding Bubblewrap() => Find("bwrap") is { } program
        ? Finding.Ok("bubblewrap", program)
        : Finding.Note("bubblewrap", "It is not in PATH: runs get no walls around their files. Install the package bubblewrap.");

    private Finding Git() => Find("git") is { } program
        ? Finding.Ok("git", program)
        : Finding.Note("git", "It is not in PATH: jobs get no worktrees. Install the package git.");

    private string? Find(string name) => searchPath.Where(Path.IsPathRooted).Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists);

    // The CLI comes as a package whose folder says its version; to ask the program itself would start it.
    private static string? VersionOf(string program)
    {
        try
        {
            var file = new FileInfo(program).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? program;
            for (var directory = Path.GetDirectoryName(file); directory is not null; directory = Path.GetDirectoryName(directory))
            {
                var package = Path.Combine(directory, "package.json");
                if (File.Exists(package))
                {
                    using var json = JsonDocument.Parse(File.ReadAllBytes(package));
                    return json.RootElement.TryGetProperty("version", out var version) ? version.GetString() : null;
                }
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or JsonException)
        {
            // Unknown, then.
        }

        return null;
    }
}

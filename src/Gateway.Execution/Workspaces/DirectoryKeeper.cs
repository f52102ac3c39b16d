using Gateway.Contracts.Values;
using Gateway.Execution.Credentials;
using Gateway.Execution.Runs;
using Gateway.Processes.Launching;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Workspaces;

/// <summary>Makes, checks and removes the directories of runs.</summary>
internal sealed partial class DirectoryKeeper(
    IOptions<WorkerOptions> worker, IOptions<WorkspacesOptions> workspaces, ILogger<DirectoryKeeper> logger)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const string Homes = "homes";
    private const string Private = "work";
    private const string OfSessions = "sessions";
    private const string Missing = "does not exist on this worker, or is no directory. Make it, or leave workingDir out for a private empty one.";
    private static readonly string[] Rooms = [Homes, Private];

    private static readonly string[] NeverOpened = [".ssh", ".aws", ".azure", ".config", ".gnupg", ".kube", ".password-store"];

    private readonly Lazy<string> _data = new(() => MakeRooms(worker.Value.DataFolder));
    private readonly Lazy<SessionDirectories> _sessions = new(() => new SessionDirectories(Path.Combine(MakeRooms(worker.Value.DataFolder), OfSessions)));

    /// <summary>Makes the directories of a run, or finds those of the job's earlier attempt.</summary>
    /// <param name="key">The run.</param>
    /// <param name="grant">What it may do.</param>
    /// <param name="kind">How it logs in.</param>
    /// <param name="configFolder">Name of the CLI's configuration folder in its home, such as <c>.claude</c>.</param>
    /// <exception cref="RunRefusedException">The working directory is not to be used; the text names no path of this machine.</exception>
    public RunDirectories Prepare(RunKey key, RunGrant grant, CredentialKind kind, string configFolder)
    {
        using var work = grant.WorkingDirectory is not null ? Checked(grant.WorkingDirectory)
            : grant.WorkOfSession is { } session ? Sessions.Enter(session, key.JobId)
            : MadeFor(key.JobId);
        var own = FolderOf(Homes, key.JobId);
        var home = kind == CredentialKind.Login ? UserHome() : Path.Combine(own, "home");
        var directories = new RunDirectories
        {
            Home = home,
            Config = Path.Combine(home, configFolder),
            Temporary = Path.Combine(own, "tmp"),
            Work = work.Path,
            WorkIdentity = work.Identity,
            WorkIsPrivate = grant.WorkingDirectory is null,
        };
        Make(own, home, directories.Config, directories.Temporary);
        return directories;
    }

    /// <summary>The jobs for which directories were made and not removed.</summary>
    /// <exception cref="IOException">They cannot be looked at.</exception>
    public IEnumerable<Guid> Jobs() => Rooms
        .Select(room => Path.Combine(_data.Value, room))
        .Where(Directory.Exists)
        .SelectMany(Directory.EnumerateDirectories)
        .Select(folder => Guid.TryParseExact(Path.GetFileName(folder), "n", out var jobId) ? jobId : (Guid?)null)
        .OfType<Guid>()
        .Distinct();

    /// <summary>The private working directories of sessions.</summary>
    /// <exception cref="IOException">The data folder cannot be made.</exception>
    public SessionDirectories Sessions => _sessions.Value;

    /// <summary>A run of a job has left the directory of its session; an empty one is removed.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="jobId">The job.</param>
    public void Leave(Guid sessionId, Guid jobId)
    {
        try
        {
            Sessions.Leave(sessionId, jobId);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            DirectoryLeft(jobId, e.GetType().Name);
        }
    }

    /// <summary>Removes everything that was made for a job. Unknown jobs are fine.</summary>
    /// <param name="jobId">The job.</param>
    /// <returns>False when something is left, which the log tells.</returns>
    public bool Remove(Guid jobId)
    {
        var removed = true;
        foreach (var room in Rooms)
        {
            try
            {
                RemoveTree(FolderOf(room, jobId));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                removed = false;
                DirectoryLeft(jobId, e.GetType().Name);
            }
        }

        return removed;
    }

    // The real path, so that a link anywhere below it can only be an agent's work. Rooms by themselves: one that is made on the way to a
    // job's folder gets the rights that everybody's have.
    private static string MakeRooms(string folder)
    {
        Directory.CreateDirectory(folder, OwnerOnly);
        Make([.. Rooms.Append(OfSessions).Select(room => Path.Combine(folder, room))]);
        return RealPath.Of(folder) ?? folder;
    }

    /// <summary>Makes folders of mode 0700.</summary>
    internal static void Make(params ReadOnlySpan<string> folders)
    {
        foreach (var folder in folders)
        {
            Directory.CreateDirectory(folder, OwnerOnly);
        }
    }

    /// <summary>Removes a folder with all that is below it, whatever rights an agent took from it.</summary>
    internal static void RemoveTree(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // An agent may have taken rights from its own directories; links are not followed.
            var own = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
            foreach (var below in Directory.EnumerateDirectories(folder, "*", own))
            {
                File.SetUnixFileMode(below, OwnerOnly);
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    private static string UserHome()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return RealPath.Of(home) ?? home;
    }

    private HeldDirectory MadeFor(Guid jobId)
    {
        var folder = FolderOf(Private, jobId);
        Make(folder);
        return HeldDirectory.Open(folder) ?? throw new IOException("The private working directory of a job is no directory.");
    }

    private string FolderOf(string room, Guid id) => Path.Combine(_data.Value, room, id.ToString("n"));

    private HeldDirectory Checked(string asked)
    {
        try
        {
            // Links are followed here, once. What is held is at this very path, and the run starts in it or nowhere.
            var real = Path.IsPathRooted(asked) && !asked.Contains('\0', StringComparison.Ordinal) ? RealPath.Of(asked) : null;
            ThrowUnlessOpen(real ?? throw Rejected(Missing));
            return HeldDirectory.Open(real) ?? throw Rejected(Missing);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Rejected("cannot be read by this worker. Give the worker's user access to it.");
        }
    }

    private void ThrowUnlessOpen(string real)
    {
        var root = OutermostRoots().Select(RealPath.Of).FirstOrDefault(root => root is not null && RealPath.IsWithin(real, root))
            ?? throw Rejected($"is not inside a directory that this worker may use. Add one that holds it to {WorkspacesOptions.Section}:Roots (build/run: --root DIR), or leave workingDir out.");
        if (real[root.Length..].Split('/').Any(part => NeverOpened.Contains(part)))
        {
            throw Rejected("is one that usually holds keys. Use another one.");
        }

        if (workspaces.Value.Closed.Select(RealPath.Of).Append(_data.Value).Any(own => own is not null && Overlap(real, own)))
        {
            throw Rejected("holds what the gateway itself keeps. Use another one.");
        }
    }

    // A root inside another one could be swapped for a link by a run that works in the outer one, and would then open what that leads to.
    private IEnumerable<string> OutermostRoots()
    {
        var roots = workspaces.Value.Roots.Select(root => Path.TrimEndingDirectorySeparator(Path.GetFullPath(root))).Distinct().ToList();
        return roots.Where(root => !roots.Any(other => other != root && RealPath.IsWithin(root, other)));
    }

    private static bool Overlap(string one, string other) => RealPath.IsWithin(one, other) || RealPath.IsWithin(other, one);

    private static RunRefusedException Rejected(string what) =>
        RunRefusedException.Of(FailureKinds.Rejected, $"The working directory {what}");

    [LoggerMessage(EventId = 3070, Level = LogLevel.Warning, Message = "{JobId}: its directories could not be removed: {Fault}")]
    private partial void DirectoryLeft(Guid jobId, string fault);
}

using Gateway.Contracts.Commands;
using Gateway.Contracts.Values;
using Gateway.Contracts.Workspaces;
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
    private const string WorkingDirectory = "The working directory";
    private const string Homes = "homes";
    private const string Private = "work";
    private const string OfSessions = "sessions";
    private static readonly string[] Rooms = [Homes, Private];

    private readonly Lazy<string> _data = new(() => MakeRooms(worker.Value.DataFolder));
    private readonly Lazy<SessionDirectories> _sessions = new(() => new SessionDirectories(Path.Combine(MakeRooms(worker.Value.DataFolder), OfSessions)));

    /// <summary>Makes the directories of a run, or finds those of the job's earlier attempt.</summary>
    /// <param name="key">The run.</param>
    /// <param name="grant">What it may do.</param>
    /// <param name="kind">How it logs in.</param>
    /// <param name="configFolder">Name of the CLI's configuration folder in its home, such as <c>.claude</c>.</param>
    /// <param name="tenant">Tenant of the job.</param>
    /// <param name="provider">The CLI that is to run.</param>
    /// <exception cref="RunRefusedException">A directory is not to be used; the text names no path of this machine.</exception>
    public RunDirectories Prepare(RunKey key, RunGrant grant, CredentialKind kind, string configFolder, string tenant = "default", string provider = AgentClis.Claude)
    {
        var place = WorkOf(grant);
        var guard = new PlaceGuard(workspaces.Value, _data.Value, tenant, provider);
        using var work = place is not null ? guard.Open(place, WorkingDirectory)
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
            WorkIsPrivate = place is null,
            Trusted = place?.Workspace is { } name && guard.Find(name).Trusted,
        };
        directories = MoreOf(directories, grant.Places, guard);
        Make(own, home, directories.Config, directories.Temporary);
        return directories;
    }

    /// <summary>The turn that a job has to have beside its own, by what the directory in which its run would change files really is on this disk.</summary>
    /// <param name="grant">What the run may do.</param>
    /// <param name="request">The command that asked for it.</param>
    /// <returns>Null when it needs none, and for a directory that is not to be had: the start says why.</returns>
    public string? MissingTurnOf(RunGrant grant, RunClaudeRequest request)
    {
        if (grant.DirectoryTurns is not { } turns || WorkOf(grant) is not { } place)
        {
            return null;
        }

        try
        {
            var guard = new PlaceGuard(workspaces.Value, _data.Value, request.Tenant, request.Provider);
            var turn = DirectoryTurnKey.Of(request.Pool, guard.RealPathOf(place, WorkingDirectory, $"{WorkingDirectory} does not exist on this worker."));
            return turns.Contains(turn) ? null : turn;
        }
        catch (Exception e) when (e is RunRefusedException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
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

    /// <summary>Removes a directory with all that is in it; links are not followed.</summary>
    /// <param name="folder">The directory; it need not exist.</param>
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

    private static RunPlace? WorkOf(RunGrant grant) =>
        grant.Places is { Work: { } named } ? named : grant.WorkingDirectory is { } path ? new RunPlace { Path = path } : null;

    private static string UserHome()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return RealPath.Of(home) ?? home;
    }

    private static RunDirectories MoreOf(RunDirectories directories, RunPlaces? places, PlaceGuard guard)
    {
        if (places is not { AddDirs.Count: > 0 } and not { Images.Count: > 0 })
        {
            return directories;
        }

        Dictionary<string, DirectoryIdentity> pins = [];
        foreach (var place in places.AddDirs ?? [])
        {
            using var held = guard.Open(place, "A further directory");
            pins[held.Path] = held.Identity;
        }

        var more = directories with { AddDirs = [.. pins.Keys], Pins = pins };
        return more with { Images = [.. (places.Images ?? []).Select(image => guard.OpenImage(image, [more.Work, .. more.AddDirs]))] };
    }

    private HeldDirectory MadeFor(Guid jobId)
    {
        var folder = FolderOf(Private, jobId);
        Make(folder);
        return HeldDirectory.Open(folder) ?? throw new IOException("The private working directory of a job is no directory.");
    }

    private string FolderOf(string room, Guid id) => Path.Combine(_data.Value, room, id.ToString("n"));

    [LoggerMessage(EventId = 3070, Level = LogLevel.Warning, Message = "{JobId}: its directories could not be removed: {Fault}")]
    private partial void DirectoryLeft(Guid jobId, string fault);
}

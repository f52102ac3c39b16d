using Gateway.Processes.Launching;

namespace Gateway.Execution.Workspaces;

/// <summary>
/// The private working directories of sessions: kept from job to job, with the session. An empty one goes with the run that leaves it,
/// since the next run makes it anew. Safe for use by many threads.
/// </summary>
/// <param name="room">Absolute real path of the folder that holds them.</param>
internal sealed class SessionDirectories(string room)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, HashSet<Guid>> _inUse = [];

    /// <summary>The sessions for which there is one.</summary>
    /// <exception cref="IOException">They cannot be looked at.</exception>
    public IEnumerable<Guid> Ids() => Directory.EnumerateDirectories(room)
        .Select(folder => Guid.TryParseExact(Path.GetFileName(folder), "n", out var id) ? id : (Guid?)null)
        .OfType<Guid>();

    /// <summary>Makes one, or finds it, for a job that will work in it.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="jobId">The job.</param>
    /// <exception cref="IOException">It is no directory.</exception>
    public HeldDirectory Enter(Guid sessionId, Guid jobId)
    {
        lock (_gate)
        {
            if (!_inUse.TryGetValue(sessionId, out var jobs))
            {
                _inUse[sessionId] = jobs = [];
            }

            jobs.Add(jobId);
            var folder = FolderOf(sessionId);
            DirectoryKeeper.Make(folder);
            return HeldDirectory.Open(folder) ?? throw new IOException("The private working directory of a session is no directory.");
        }
    }

    /// <summary>A run of a job has left it.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="jobId">The job.</param>
    /// <exception cref="IOException">It is empty and cannot be removed.</exception>
    /// <exception cref="UnauthorizedAccessException">It is empty and may not be removed.</exception>
    public void Leave(Guid sessionId, Guid jobId)
    {
        lock (_gate)
        {
            if (_inUse.TryGetValue(sessionId, out var jobs) && jobs.Remove(jobId) && jobs.Count == 0)
            {
                _inUse.Remove(sessionId);
            }

            var folder = FolderOf(sessionId);
            if (!_inUse.ContainsKey(sessionId) && Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
            {
                Directory.Delete(folder);
            }
        }
    }

    /// <summary>Removes the directory of a session that is not there any more. Unknown ones are fine.</summary>
    /// <param name="sessionId">The session.</param>
    /// <exception cref="IOException">It cannot be removed.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be removed.</exception>
    public void Remove(Guid sessionId)
    {
        lock (_gate)
        {
            if (!_inUse.ContainsKey(sessionId))
            {
                DirectoryKeeper.RemoveTree(FolderOf(sessionId));
            }
        }
    }

    private string FolderOf(Guid sessionId) => Path.Combine(room, sessionId.ToString("n"));
}

using System.Collections.ObjectModel;
using Gateway.Processes.Launching;

namespace Gateway.Execution.Workspaces;

/// <summary>Where one run works and lives. All paths are absolute and real.</summary>
public sealed record RunDirectories
{
    /// <summary>Home of the CLI: the job's own, or the user's for a login.</summary>
    public required string Home { get; init; }

    /// <summary>The CLI's configuration directory, which holds its conversations.</summary>
    public required string Config { get; init; }

    /// <summary>Temporary files.</summary>
    public required string Temporary { get; init; }

    /// <summary>The job's own folder on this worker, of which its runs are shown parts alone.</summary>
    public string Own => Path.GetDirectoryName(Temporary) ?? Temporary;

    /// <summary>Working directory.</summary>
    public required string Work { get; init; }

    /// <summary>Which directory <see cref="Work"/> was when it was checked: a run that would start in another one is refused.</summary>
    public required DirectoryIdentity WorkIdentity { get; init; }

    /// <summary>The workspace's own settings for the CLI may be loaded.</summary>
    public bool Trusted { get; init; }

    /// <summary>Further directories that the run was given.</summary>
    public IReadOnlyList<string> AddDirs { get; init; } = [];

    /// <summary>Images that the run was given.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>The Git worktree that <see cref="Work"/> lies in; null for none.</summary>
    public Worktree? Worktree { get; init; }

    /// <summary>Which directory each further path was when it was checked: a run that would be shown another one is refused.</summary>
    public IReadOnlyDictionary<string, DirectoryIdentity> Pins { get; init; } = ReadOnlyDictionary<string, DirectoryIdentity>.Empty;

    /// <summary>The working directory was made for this job or its session, and goes with it.</summary>
    public required bool WorkIsPrivate { get; init; }
}

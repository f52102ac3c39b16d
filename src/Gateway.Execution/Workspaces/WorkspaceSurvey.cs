using Gateway.Contracts.Values;
using Gateway.Contracts.Workspaces;
using Gateway.Execution.Runs;
using Gateway.Processes.Launching;
using Gateway.Processes.Sandbox;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Workspaces;

/// <summary>Looks at the workspaces of this worker once a minute, and has the next heartbeat tell what it saw.</summary>
internal sealed partial class WorkspaceSurvey(
    Git git, IOptions<WorkspacesOptions> options, IOptions<WorkerOptions> worker, TimeProvider clock, ILogger<WorkspaceSurvey> logger) : BackgroundService
{
    private const int ShortAnswer = 4 * 1024;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(10);

    private IReadOnlyList<WorkspaceReport>? _news;

    /// <summary>What was seen since it was asked for last; null for nothing new.</summary>
    public IReadOnlyList<WorkspaceReport>? TakeNews() => Interlocked.Exchange(ref _news, null);

    /// <summary>Looks at all of them.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<WorkspaceReport>> LookAsync(CancellationToken cancellationToken)
    {
        List<WorkspaceReport> seen = [];
        foreach (var (name, alias) in options.Value.Aliases.OrderBy(one => one.Key, StringComparer.OrdinalIgnoreCase))
        {
            var isGit = RealPath.Of(alias.Path) is { } real && Directory.Exists(Path.Combine(real, ".git"));
            seen.Add(isGit ? await LookAsync(name, RealPath.Of(alias.Path) ?? alias.Path, cancellationToken) : new WorkspaceReport { Alias = name, Kind = "folder" });
        }

        return seen;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(BetweenLooks, clock);
        do
        {
            try
            {
                Interlocked.Exchange(ref _news, await LookAsync(stoppingToken));
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                NotLooked(e.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<WorkspaceReport> LookAsync(string name, string workspace, CancellationToken cancellationToken)
    {
        var repository = Path.Combine(workspace, ".git");
        var room = Path.Combine(worker.Value.DataFolder, "survey");
        Directory.CreateDirectory(room, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var walls = new RunSandbox
        {
            Mode = worker.Value.Sandbox is SandboxChoice.None or SandboxChoice.Process ? SandboxMode.None : SandboxMode.Workspace,
            ReadOnlyPaths = [workspace],
            WritablePaths = [RealPath.Of(room) ?? room],
        };
        var branch = Git.LineOf(await AskAsync(repository, null, null, ["symbolic-ref", "--quiet", "--short", "HEAD"]));
        var head = Git.LineOf(await AskAsync(repository, null, null, ["rev-parse", "--verify", "--quiet", "--end-of-options", "HEAD"]));
        return new WorkspaceReport { Alias = name, Kind = "git", Branch = branch, Dirty = head is null ? null : await IsDirtyAsync(head) };

        // Through a repository of our own: to tell whether a file differs, Git would run the filters that the other one names.
        async Task<bool?> IsDirtyAsync(string commit)
        {
            var shadow = ShadowRepository.Make(Path.Combine(RealPath.Of(room) ?? room, "shadow"), Path.Combine(repository, "objects"), commit);
            var index = Path.Combine(shadow.Path, "index");
            var read = await AskAsync(shadow.Path, workspace, index, ["read-tree", commit]);
            var refreshed = await AskAsync(shadow.Path, workspace, index, ["update-index", "-q", "--ignore-submodules", "--refresh"]);
            var changed = await AskAsync(shadow.Path, workspace, index, ["diff-files", "--quiet", "--no-ext-diff", "--ignore-submodules=all"]);
            var added = await AskAsync(shadow.Path, workspace, index, ["ls-files", "--others", "--exclude-standard", "--directory", "--no-empty-directory"]);
            return read.ExitCode != 0 || refreshed.TimedOut || changed.TimedOut || added.ExitCode != 0 || added.TimedOut ? null : changed.ExitCode == 1 || added.Stdout.Length > 0;
        }

        Task<CapturedProgram> AskAsync(string where, string? files, string? index, IReadOnlyList<string> words) =>
            git.RunAsync(where, files, index, words, walls, Time, ShortAnswer, cancellationToken);
    }

    [LoggerMessage(EventId = 3086, Level = LogLevel.Warning, Message = "The workspaces could not be looked at: {Fault}")]
    private partial void NotLooked(string fault);
}

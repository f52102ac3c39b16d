using System.Text.Json;
using Gateway.Contracts.Values;
using Gateway.Contracts.Workspaces;
using Gateway.Execution.Runs;
using Gateway.Processes.Sandbox;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Workspaces;

/// <summary>
/// Makes worktrees of workspaces, one for each conversation that wants one, and removes them. Git works behind walls that
/// show it the workspace and the new directory alone, and files are written through a <see cref="ShadowRepository"/>: so no
/// hook, filter or other program of the repository runs, and no link in it leads anywhere.
/// </summary>
internal sealed class Worktrees(Git git, IOptions<WorkerOptions> worker)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const string NoteFile = "worktree.json";
    private const string Prefix = "gateway/";
    private const int ShortAnswer = 64 * 1024;
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Checkout = TimeSpan.FromMinutes(5);

    private readonly Lazy<string> _room = new(() =>
    {
        var room = Path.Combine(worker.Value.DataFolder, "trees");
        Directory.CreateDirectory(room, OwnerOnly);
        return RealPath.Of(room) ?? room;
    });

    /// <summary>Makes the worktree of a conversation, or finds the one that an earlier run of it left.</summary>
    /// <param name="session">The conversation.</param>
    /// <param name="asked">What is asked for.</param>
    /// <param name="workspace">Real path of the workspace.</param>
    /// <param name="goesOn">An earlier run of the conversation may have made it, on another worker.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RunRefusedException">It cannot be made.</exception>
    public async Task<Worktree> OpenAsync(Guid session, RunWorktree asked, string workspace, bool goesOn, CancellationToken cancellationToken)
    {
        var folder = FolderOf(session);
        if (Read(folder) is { } made && Directory.Exists(made.Path))
        {
            return made.Workspace == workspace ? made : throw Rejected("The conversation has its worktree in another workspace. Name that one, or begin a new conversation.");
        }

        if (!Directory.Exists(Path.Combine(workspace, ".git")))
        {
            throw Rejected("The workspace is no Git repository with a .git directory of its own. Leave worktree out.");
        }

        if (asked.Name is not { Length: > 0 and <= 64 } name || name[0] is '-' or '.' || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') || asked.Ref is ['-', ..])
        {
            throw Rejected("The name or ref of the worktree is none that Git could take. Send another one.");
        }

        RemoveFolder(folder);
        Directory.CreateDirectory(folder, OwnerOnly);
        var tree = new Worktree
        {
            Folder = folder,
            Path = Path.Combine(folder, "work", name),
            Workspace = workspace,
            Name = name,
            Entry = name,
            Branch = Prefix + name,
            BaseCommit = "",
        };
        return await MakeAsync(tree, asked, goesOn, cancellationToken);
    }

    /// <summary>The conversations for which worktrees are kept.</summary>
    /// <exception cref="IOException">They cannot be looked at.</exception>
    public IEnumerable<Guid> Sessions() => Directory.EnumerateDirectories(_room.Value)
        .Select(folder => Guid.TryParseExact(Path.GetFileName(folder), "n", out var session) ? session : (Guid?)null)
        .OfType<Guid>();

    /// <summary>Removes the worktree of a conversation; its branch stays. Unknown ones are fine.</summary>
    /// <param name="session">The conversation.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">Something is left.</exception>
    /// <exception cref="UnauthorizedAccessException">Something is left.</exception>
    public async Task RemoveAsync(Guid session, CancellationToken cancellationToken)
    {
        var folder = FolderOf(session);
        if (Read(folder) is { } tree && Directory.Exists(tree.Repository))
        {
            // By ourselves, and not by Git, which would read what an agent has left there. The repository still counts the worktree then,
            // and would not let its branch be checked out elsewhere.
            RemoveFolder(tree.Path);
            _ = await git.RunAsync(tree.Repository, null, null, ["worktree", "remove", "--force", "--force", tree.Path], Walls(tree, writesRepository: true), Quick, ShortAnswer, cancellationToken);
        }

        RemoveFolder(folder);
    }

    /// <summary>The walls behind which Git works on a worktree.</summary>
    /// <param name="tree">The worktree.</param>
    /// <param name="writesRepository">The workspace may be written.</param>
    public RunSandbox Walls(Worktree tree, bool writesRepository) => new()
    {
        Mode = worker.Value.Sandbox is SandboxChoice.None or SandboxChoice.Process ? SandboxMode.None : SandboxMode.Workspace,
        WritablePaths = writesRepository ? [tree.Folder, tree.Workspace] : [tree.Folder],
        ReadOnlyPaths = writesRepository ? [] : [tree.Workspace],
    };

    /// <summary>The repository's objects without anything else of it, made anew.</summary>
    /// <param name="tree">The worktree.</param>
    /// <param name="commit">Full id of any object.</param>
    public static ShadowRepository ShadowOf(Worktree tree, string commit) =>
        ShadowRepository.Make(Path.Combine(tree.Folder, "shadow"), Path.Combine(tree.Repository, "objects"), commit);

    private async Task<Worktree> MakeAsync(Worktree tree, RunWorktree asked, bool goesOn, CancellationToken cancellationToken)
    {
        var existing = await AskAsync(["rev-parse", "--verify", "--quiet", "--end-of-options", $"refs/heads/{tree.Branch}"], tree.Repository);
        if (existing is not null && !goesOn)
        {
            throw Rejected($"The branch {tree.Branch} exists already. Send another name, or leave it out.");
        }

        var found = existing ?? await AskAsync(["rev-parse", "--verify", "--quiet", "--end-of-options", asked.Ref ?? "HEAD"], tree.Repository)
            ?? throw Rejected(asked.Ref is null ? "The repository of the workspace has no commit yet. Make one, or leave worktree out." : "The ref of the worktree is no branch, tag or commit of the workspace. Send another one.");
        var shadow = ShadowOf(tree, found);
        var commit = await AskAsync(["rev-parse", "--verify", "--quiet", "--end-of-options", found + "^{commit}"], shadow.Path)
            ?? throw Rejected("The ref of the worktree leads to no commit that the workspace has whole. Send another one.");
        string[] branch = existing is null ? ["-b", tree.Branch, tree.Path, commit] : ["--force", tree.Path, tree.Branch];
        await DoAsync(tree.Repository, null, null, ["worktree", "add", "--quiet", "--no-checkout", .. branch], writesRepository: true, Quick);
        var made = tree with { BaseCommit = commit, Entry = Path.GetFileName((await File.ReadAllTextAsync(Path.Combine(tree.Path, ".git"), cancellationToken)).Trim()) };
        await DoAsync(shadow.Path, tree.Path, Path.Combine(tree.Repository, "worktrees", made.Entry, "index"), ["read-tree", "--reset", "-u", commit], writesRepository: true, Checkout);
        await File.WriteAllBytesAsync(Path.Combine(tree.Folder, NoteFile), JsonSerializer.SerializeToUtf8Bytes(made), cancellationToken);
        return made;

        async Task<string?> AskAsync(IReadOnlyList<string> words, string repository) =>
            Git.LineOf(await git.RunAsync(repository, null, null, words, Walls(tree, writesRepository: false), Quick, ShortAnswer, cancellationToken));

        async Task DoAsync(string repository, string? files, string? index, IReadOnlyList<string> words, bool writesRepository, TimeSpan time)
        {
            var answer = await git.RunAsync(repository, files, index, words, Walls(tree, writesRepository), time, ShortAnswer, cancellationToken);
            if (answer is not { ExitCode: 0, TimedOut: false })
            {
                RemoveFolder(tree.Folder);
                throw Rejected(answer.TimedOut
                    ? "Git took too long to make the worktree. Ask the worker's operator."
                    : answer.ExitCode == 127 ? "Git is not installed on the worker. Ask its operator to install it, or to set Workspaces:GitProgram."
                    : "Git could not make the worktree. Its name may be taken in the repository: send another one, or ask the worker's operator.");
            }
        }
    }

    private string FolderOf(Guid session) => Path.Combine(_room.Value, session.ToString("n"));

    private static Worktree? Read(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize<Worktree>(File.ReadAllBytes(Path.Combine(folder, NoteFile)));
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            // Half of one, from a worker that was killed: it is made anew.
            return null;
        }
    }

    private static void RemoveFolder(string folder) => DirectoryKeeper.RemoveTree(folder);

    private static RunRefusedException Rejected(string message) => RunRefusedException.Of(FailureKinds.Rejected, message);
}

using System.Text;
using Gateway.Contracts.Values;
using Gateway.Contracts.Workspaces;
using Gateway.Execution.Runs;
using Gateway.Execution.Workspaces;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace Gateway.Tests.Execution.Workspaces;

public sealed class WorktreeSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gwx").FullName;
    private readonly HostileRepository _repository;
    private readonly Guid _session = Guid.NewGuid();
    private readonly Worktrees _worktrees;
    private readonly WorktreeReader _reader;

    public WorktreeSpecs()
    {
        _repository = new HostileRepository(Path.Combine(_folder, "shop"));
        var git = new Git(Options.Create(new WorkspacesOptions()));
        _worktrees = new Worktrees(git, Options.Create(new WorkerOptions { DataFolder = Path.Combine(_folder, "data") }));
        _reader = new WorktreeReader(git, _worktrees, NullLogger<WorktreeReader>.Instance);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_worktree_has_the_files_of_its_commit_and_a_branch_of_its_own()
    {
        var first = _repository.Head;
        _repository.Write("a.txt", "later\n");
        _repository.Commit("second");
        var tree = await OpenAsync(new RunWorktree { Name = "fix", Ref = "HEAD~1" });
        Assert.Equal(("gateway/fix", first), (tree.Branch, tree.BaseCommit));
        Assert.Equal("one\n", File.ReadAllText(Path.Combine(tree.Path, "a.txt")));
        Assert.Equal("gateway/fix", HostileRepository.GitIn(tree.Path, "symbolic-ref", "--short", "HEAD").Trim());
        Assert.Equal("", HostileRepository.GitIn(tree.Path, "status", "--porcelain"));
        Assert.Equal("main", _repository.Git("symbolic-ref", "--short", "HEAD").Trim());
        Assert.Equal(tree, await OpenAsync(new RunWorktree { Name = "fix" }));
    }

    [Fact]
    public async Task Nothing_that_a_repository_brings_is_executed()
    {
        _repository.SetTraps();
        _repository.Git("submodule", "status");
        foreach (var mark in Directory.EnumerateFiles(_folder + "/shop-marks"))
        {
            File.Delete(mark);
        }

        var tree = await OpenAsync(new RunWorktree { Name = "safe" });
        Assert.StartsWith("version https://git-lfs", File.ReadAllText(Path.Combine(tree.Path, "c.bin")), StringComparison.Ordinal);

        // What an agent may do in its own worktree, and in the repository if it can.
        File.AppendAllText(Path.Combine(tree.Path, "a.txt"), "more\n");
        File.WriteAllText(Path.Combine(tree.Path, "new.txt"), "new\n");
        var nested = new HostileRepository(Path.Combine(tree.Path, "nested"));
        nested.SetTraps();
        _repository.Git("config", "core.worktree", "/etc");
        _repository.Git("config", "extensions.worktreeConfig", "true");
        File.WriteAllText(Path.Combine(_repository.Folder, ".git/worktrees/safe/config.worktree"), $"[core]\n\tfsmonitor = {_repository.Mark("worktree-config")}\n");
        var change = await _reader.ReadAsync(Guid.NewGuid(), tree, TestContext.Current.CancellationToken);
        await new WorkspaceSurvey(new Git(Options.Create(new WorkspacesOptions())), Options.Create(Aliases()), Options.Create(new WorkerOptions { DataFolder = Path.Combine(_folder, "data") }), TimeProvider.System, NullLogger<WorkspaceSurvey>.Instance)
            .LookAsync(TestContext.Current.CancellationToken);
        await _worktrees.RemoveAsync(_session, TestContext.Current.CancellationToken);

        Assert.Empty(_repository.Sprung);
        Assert.NotNull(change);
        Assert.True(change.Value.Change.Insertions >= 2);
        Assert.Contains("+more", Encoding.UTF8.GetString(change.Value.Diff), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_submodule_that_is_there_is_not_looked_into()
    {
        var inner = new HostileRepository(Path.Combine(_folder, "inner"));
        _repository.Git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.Folder, "sub");
        _repository.Commit("with a submodule");
        var tree = await OpenAsync(new RunWorktree { Name = "sub" });
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(tree.Path, "sub")));
        HostileRepository.GitIn(tree.Path, "clone", "--quiet", inner.Folder, "sub");
        HostileRepository.GitIn(Path.Combine(tree.Path, "sub"), "config", "core.fsmonitor", inner.Mark("fsmonitor"));
        HostileRepository.GitIn(Path.Combine(tree.Path, "sub"), "config", "filter.x.clean", inner.Mark("clean"));
        File.WriteAllText(Path.Combine(tree.Path, "sub/.gitattributes"), "* filter=x\n");
        File.AppendAllText(Path.Combine(tree.Path, "sub/a.txt"), "x\n");

        var change = await _reader.ReadAsync(Guid.NewGuid(), tree, TestContext.Current.CancellationToken);

        Assert.Empty(inner.Sprung);
        Assert.Equal((0, 0), (change?.Change.ChangedFiles, change?.Diff.Length));
    }

    [Fact]
    public async Task What_was_changed_counts_whether_it_was_committed_or_not()
    {
        var tree = await OpenAsync(new RunWorktree { Name = "n" });
        File.WriteAllText(Path.Combine(tree.Path, "a.txt"), "1\n2\n3\n");
        HostileRepository.GitIn(tree.Path, "add", "--all");
        HostileRepository.GitIn(tree.Path, "-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "-m", "x");
        File.Delete(Path.Combine(tree.Path, "src/b.txt"));
        File.WriteAllBytes(Path.Combine(tree.Path, "c.bin"), [0, 1, 2]);
        File.CreateSymbolicLink(Path.Combine(tree.Path, "out"), "/etc/passwd");
        var change = (await _reader.ReadAsync(Guid.NewGuid(), tree, TestContext.Current.CancellationToken))!.Value;
        Assert.Equal(
            new WorktreeChange { Name = "n", Branch = "gateway/n", BaseCommit = _repository.Head, ChangedFiles = 4, Insertions = 4, Deletions = 2 }, change.Change);
        Assert.Contains("+/etc/passwd", Encoding.UTF8.GetString(change.Diff), StringComparison.Ordinal);
        Assert.DoesNotContain("root:", Encoding.UTF8.GetString(change.Diff), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_in_the_repository_leads_nowhere()
    {
        var other = new HostileRepository(Path.Combine(_folder, "other"));
        other.Write("secret.txt", "secret\n");
        other.Commit("secret");
        Directory.Delete(Path.Combine(_repository.Folder, ".git/objects"), recursive: true);
        Directory.CreateSymbolicLink(Path.Combine(_repository.Folder, ".git/objects"), Path.Combine(other.Folder, ".git/objects"));
        Assert.SkipUnless(Processes.RunnerHouse.Containments.Contains("bubblewrap"), "bubblewrap does not work on this machine");

        await Assert.ThrowsAsync<RunRefusedException>(() => OpenAsync(new RunWorktree { Name = "n", Ref = other.Head }));
    }

    [Theory]
    [InlineData("n", "no-such-ref")]
    [InlineData("n", "--help")]
    [InlineData("-n", null)]
    [InlineData("../n", null)]
    [InlineData(null, null)]
    [InlineData("taken", null)]
    public async Task What_cannot_be_made_is_refused_and_leaves_nothing(string? name, string? reference)
    {
        _repository.Git("branch", "gateway/taken");
        var refusal = await Assert.ThrowsAsync<RunRefusedException>(() => OpenAsync(new RunWorktree { Name = name, Ref = reference }));
        Assert.Equal(FailureKinds.Rejected, refusal.Failure.Kind);
        Assert.DoesNotContain(_folder, refusal.Message, StringComparison.Ordinal);
        Assert.Equal("", _repository.Git("worktree", "list", "--porcelain").Split("\n\n")[1].Trim());
    }

    [Fact]
    public async Task A_folder_without_commits_or_without_git_has_no_worktree()
    {
        Directory.Delete(Path.Combine(_repository.Folder, ".git"), recursive: true);
        Assert.Contains("no Git repository", (await Assert.ThrowsAsync<RunRefusedException>(() => OpenAsync(new RunWorktree { Name = "n" }))).Message, StringComparison.Ordinal);
        _repository.Git("init", "--quiet", ".");
        Assert.Contains("no commit yet", (await Assert.ThrowsAsync<RunRefusedException>(() => OpenAsync(new RunWorktree { Name = "n" }))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Removed_it_leaves_its_branch_and_can_be_made_again_where_a_conversation_goes_on()
    {
        var tree = await OpenAsync(new RunWorktree { Name = "n" });
        File.WriteAllText(Path.Combine(tree.Path, "a.txt"), "mine\n");
        HostileRepository.GitIn(tree.Path, "-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "-am", "x");
        Assert.Equal([_session], _worktrees.Sessions());
        await _worktrees.RemoveAsync(_session, TestContext.Current.CancellationToken);
        Assert.False(Directory.Exists(tree.Folder));
        Assert.Empty(_worktrees.Sessions());
        Assert.DoesNotContain("gateway/n", _repository.Git("worktree", "list"), StringComparison.Ordinal);
        Assert.Contains("gateway/n", _repository.Git("branch"), StringComparison.Ordinal);
        await Assert.ThrowsAsync<RunRefusedException>(() => OpenAsync(new RunWorktree { Name = "n" }));
        var again = await OpenAsync(new RunWorktree { Name = "n" }, goesOn: true);
        Assert.Equal("mine\n", File.ReadAllText(Path.Combine(again.Path, "a.txt")));
    }

    [Fact]
    public async Task A_conversation_keeps_to_the_workspace_of_its_worktree()
    {
        await OpenAsync(new RunWorktree { Name = "n" });
        var other = new HostileRepository(Path.Combine(_folder, "other"));
        var refusal = await Assert.ThrowsAsync<RunRefusedException>(
            () => _worktrees.OpenAsync(_session, new RunWorktree { Name = "n" }, RealPath.Of(other.Folder)!, goesOn: true, TestContext.Current.CancellationToken));
        Assert.Contains("another workspace", refusal.Message, StringComparison.Ordinal);
    }

    private WorkspacesOptions Aliases() => new() { Aliases = { ["shop"] = new() { Path = _repository.Folder } } };

    private Task<Worktree> OpenAsync(RunWorktree asked, bool goesOn = false) =>
        _worktrees.OpenAsync(_session, asked, RealPath.Of(_repository.Folder)!, goesOn, TestContext.Current.CancellationToken);
}

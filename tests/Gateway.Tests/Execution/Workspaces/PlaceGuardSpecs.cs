using Gateway.Contracts.Values;
using Gateway.Contracts.Workspaces;
using Gateway.Execution.Runs;
using Gateway.Execution.Workspaces;
using Xunit;

namespace Gateway.Tests.Execution.Workspaces;

/// <summary>A worker finds workspaces by its own settings, and judges where they really are.</summary>
public sealed class PlaceGuardSpecs : IDisposable
{
    private const string What = "The working directory";
    private readonly string _folder = Directory.CreateTempSubdirectory("gwx").FullName;
    private readonly WorkspacesOptions _options = new();

    public PlaceGuardSpecs()
    {
        Add("shop", "srv/shop");
        Add("theirs", "srv/theirs", alias => alias.Tenants.Add("other"));
        Add("forCodex", "srv/codex", alias => alias.Providers.Add("codex"));
        Make("srv/shop/src");
        Make("srv/open");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_place_is_found_below_this_workers_own_directory_of_the_alias()
    {
        using var held = Guard().Open(new RunPlace { Workspace = "SHOP", Path = "src" }, What);
        Assert.Equal(Path.Combine(_folder, "srv/shop/src"), held.Path);
    }

    [Theory]
    [InlineData("nowhere", "")]
    [InlineData("theirs", "")]
    [InlineData("forCodex", "")]
    [InlineData("shop", "../theirs")]
    [InlineData("shop", "/etc")]
    [InlineData("shop", "missing")]
    [InlineData("shop", "link")]
    [InlineData("shop", "to-theirs")]
    [InlineData("shop", "to-codex")]
    [InlineData("shop", ".ssh")]
    [InlineData("shop", "file")]
    public void What_the_edge_let_through_counts_for_nothing(string workspace, string path)
    {
        Make("srv/shop/.ssh");
        File.WriteAllText(Path.Combine(_folder, "srv/shop/file"), "x");
        File.CreateSymbolicLink(Path.Combine(_folder, "srv/shop/link"), "/etc");
        File.CreateSymbolicLink(Path.Combine(_folder, "srv/shop/to-theirs"), Path.Combine(_folder, "srv/theirs"));
        File.CreateSymbolicLink(Path.Combine(_folder, "srv/shop/to-codex"), Path.Combine(_folder, "srv/codex"));
        var refusal = Assert.Throws<RunRefusedException>(() => Guard().Open(new RunPlace { Workspace = workspace, Path = path }, What));
        Assert.Equal(FailureKinds.Rejected, refusal.Failure.Kind);
        Assert.DoesNotContain(_folder, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("srv")]
    [InlineData("srv/theirs")]
    [InlineData("srv/codex")]
    public void A_root_opens_no_workspace_that_is_not_open(string path)
    {
        _options.Roots.Add(Path.Combine(_folder, "srv"));
        Assert.Throws<RunRefusedException>(() => Guard().Open(new RunPlace { Path = Path.Combine(_folder, path) }, What));
        using var held = Guard().Open(new RunPlace { Path = Path.Combine(_folder, "srv/open") }, What);
        Assert.NotNull(held);
    }

    [Fact]
    public void A_workspace_inside_a_root_that_became_a_link_opens_nothing()
    {
        _options.Roots.Add(Path.Combine(_folder, "srv"));
        Make("elsewhere/src");
        Directory.Delete(Path.Combine(_folder, "srv/shop"), recursive: true);
        Directory.CreateSymbolicLink(Path.Combine(_folder, "srv/shop"), Path.Combine(_folder, "elsewhere"));
        var refusal = Assert.Throws<RunRefusedException>(() => Guard().Open(new RunPlace { Workspace = "shop", Path = "src" }, What));
        Assert.Contains("is not inside", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_is_a_plain_file_of_the_jobs_directories_and_not_too_large()
    {
        var work = Path.Combine(_folder, "srv/shop/src");
        File.WriteAllText(Path.Combine(work, "a.png"), "x");
        File.WriteAllText(Path.Combine(_folder, "srv/shop/b.png"), "x");
        File.WriteAllText(Path.Combine(work, "empty.png"), "");
        using (var large = File.Create(Path.Combine(work, "large.png")))
        {
            large.SetLength((20 * 1024 * 1024) + 1);
        }

        File.CreateSymbolicLink(Path.Combine(work, "link.png"), "/etc/passwd");
        Assert.Equal(Path.Combine(work, "a.png"), Guard().OpenImage(new RunPlace { Workspace = "shop", Path = "src/a.png" }, [work]));
        Assert.All(["b.png", "src/empty.png", "src/large.png", "src/link.png", "src", "src/missing.png"], (string path) =>
            Assert.Throws<RunRefusedException>(() => Guard().OpenImage(new RunPlace { Workspace = "shop", Path = path }, [work])));
    }

    private PlaceGuard Guard() => new(_options, Path.Combine(_folder, "own"), "mine", "claude");

    private void Add(string name, string path, Action<WorkspaceAlias>? change = null)
    {
        var alias = new WorkspaceAlias { Path = Make(path) };
        change?.Invoke(alias);
        _options.Aliases[name] = alias;
    }

    private string Make(string path) => Directory.CreateDirectory(Path.Combine(_folder, path)).FullName;
}

using Gateway.Contracts.Values;
using Gateway.Execution.Credentials;
using Gateway.Execution.Providers;
using Gateway.Execution.Runs;
using Gateway.Execution.Workspaces;
using Gateway.Processes.Launching;
using Gateway.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace Gateway.Tests.Execution.Workspaces;

public sealed class DirectoryKeeperSpecs : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _folder = Directory.CreateTempSubdirectory("gwx").FullName;
    private readonly WorkspacesOptions _workspaces = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Without_a_working_directory_a_run_gets_private_ones_that_go_with_the_job()
    {
        var key = new RunKey(Guid.NewGuid(), 1);
        var keeper = Keeper();
        var places = keeper.Prepare(key, Grant(null), CredentialKind.ApiKey, ".claude");
        Assert.All((string[])[places.Home, places.Config, places.Temporary, places.Work], place => Assert.Equal(OwnerOnly, File.GetUnixFileMode(place)));
        Assert.Empty(Directory.EnumerateFileSystemEntries(places.Work));
        Assert.True(places.WorkIsPrivate);

        // A second attempt lives where the first one did, so that its conversation is there.
        File.WriteAllText(Path.Combine(places.Config, "kept"), "");
        Assert.Equal(places, keeper.Prepare(key with { Attempt = 2 }, Grant(null), CredentialKind.ApiKey, ".claude"));
        Directory.CreateSymbolicLink(Path.Combine(places.Work, "out"), _folder);
        keeper.Remove(key.JobId);
        Assert.False(Directory.Exists(places.Home) || Directory.Exists(places.Work));
        Assert.True(Directory.Exists(_folder));
        keeper.Remove(key.JobId);
    }

    [Fact]
    public void A_directory_inside_a_root_is_used_by_its_real_path()
    {
        var root = Make("root/project");
        File.CreateSymbolicLink(Path.Combine(_folder, "short"), Path.Combine(_folder, "root"));
        _workspaces.Roots.Add(Path.Combine(_folder, "short"));
        var places = Keeper().Prepare(new RunKey(Guid.NewGuid(), 1), Grant(Path.Combine(_folder, "short", "project")), CredentialKind.ApiKey, ".claude");
        Assert.Equal((root, false), (places.Work, places.WorkIsPrivate));
    }

    [Theory]
    [InlineData("root/project")]
    [InlineData("root")]
    public void A_directory_that_is_swapped_for_a_link_all_the_time_is_itself_or_refused(string swapped)
    {
        const int times = 10_000;
        var asked = Make("root/project");
        Make("elsewhere/project");
        Make("elsewhere/root/project");
        _workspaces.Roots.Add(_folder);
        _workspaces.Closed.Add(Path.Combine(_folder, "elsewhere"));
        var link = Path.Combine(_folder, "link");
        Directory.CreateSymbolicLink(link, Path.Combine(_folder, "elsewhere", swapped == "root" ? "root" : "project"));
        using var right = HeldDirectory.Open(asked)!;
        var keeper = Keeper();
        var key = new RunKey(Guid.NewGuid(), 1);
        var (taken, refused) = (0, 0);
        using var swapper = new Swapper(Path.Combine(_folder, swapped), link);
        for (var i = 0; i < times; i++)
        {
            try
            {
                var places = keeper.Prepare(key, Grant(asked), CredentialKind.ApiKey, ".claude");
                Assert.Equal((asked, right.Identity), (places.Work, places.WorkIdentity));

                // What the runner does with it, a moment later.
                using var held = HeldDirectory.Open(places.Work);
                Assert.Equal(right.Identity, held?.Identity ?? right.Identity);
                (taken, refused) = held is null ? (taken, refused + 1) : (taken + 1, refused);
            }
            catch (RunRefusedException)
            {
                refused++;
            }
        }

        Assert.True(taken > 0 && refused > 0, $"{taken} taken, {refused} refused: nothing was swapped in between");
    }

    [Fact]
    public void A_root_inside_another_one_opens_nothing_more_since_a_run_could_make_it_a_link()
    {
        Make("elsewhere");
        var inner = Path.Combine(Make("root"), "inner");
        _workspaces.Roots.Add(inner);
        _workspaces.Roots.Add(Path.Combine(_folder, "root"));
        Directory.CreateSymbolicLink(inner, Path.Combine(_folder, "elsewhere"));
        var refusal = Assert.Throws<RunRefusedException>(() => Keeper().Prepare(new RunKey(Guid.NewGuid(), 1), Grant(inner), CredentialKind.ApiKey, ".claude"));
        Assert.Contains("is not inside", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("gateway")]
    [InlineData("gateway/worker")]
    [InlineData("data")]
    public void What_the_gateway_itself_keeps_is_no_working_directory_from_above_or_below(string asked)
    {
        Make("gateway/worker");
        Make("data");
        Make("project");
        _workspaces.Roots.Add(_folder);
        _workspaces.Closed.Add(Path.Combine(_folder, "gateway"));
        var keeper = Keeper();
        var refusal = Assert.Throws<RunRefusedException>(() =>
            keeper.Prepare(new RunKey(Guid.NewGuid(), 1), Grant(Path.Combine(_folder, asked)), CredentialKind.ApiKey, ".claude"));
        Assert.Contains("the gateway itself keeps", refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(keeper.Prepare(new RunKey(Guid.NewGuid(), 1), Grant(Path.Combine(_folder, "project")), CredentialKind.ApiKey, ".claude"));
    }

    [Theory]
    [InlineData("outside")]
    [InlineData("root/../outside")]
    [InlineData("root/link")]
    [InlineData("root/link/below")]
    [InlineData("root/relative-link")]
    [InlineData("root/chain")]
    [InlineData("root-sibling")]
    [InlineData("root/.ssh")]
    [InlineData("root/a/.aws/b")]
    [InlineData("root/missing")]
    [InlineData("root/file")]
    [InlineData("root/circle")]
    [InlineData("root/pipe")]
    [InlineData("root/socket")]
    [InlineData("/dev/null")]
    [InlineData("/dev/fd/0")]
    [InlineData("/proc/self/root/etc")]
    [InlineData("/proc/self/cwd")]
    public void A_directory_that_really_lies_elsewhere_is_refused_without_naming_a_path(string asked)
    {
        Make("root/.ssh");
        Make("root/a/.aws/b");
        Make("outside/below");
        Make("root-sibling");
        File.WriteAllText(Path.Combine(_folder, "root/file"), "");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(_folder, "root/pipe")]))
        {
            mkfifo.WaitForExit();
        }

        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(_folder, "root/socket")));
        File.CreateSymbolicLink(Path.Combine(_folder, "root/link"), Path.Combine(_folder, "outside"));
        File.CreateSymbolicLink(Path.Combine(_folder, "root/relative-link"), "../outside/below");
        File.CreateSymbolicLink(Path.Combine(_folder, "root/chain"), Path.Combine(_folder, "root/link/below"));
        File.CreateSymbolicLink(Path.Combine(_folder, "root/circle"), Path.Combine(_folder, "root/circle"));
        _workspaces.Roots.Add(Path.Combine(_folder, "root"));
        var refused = Assert.Throws<RunRefusedException>(
            () => Keeper().Prepare(new RunKey(Guid.NewGuid(), 1), Grant(Path.Combine(_folder, asked)), CredentialKind.ApiKey, ".claude"));
        Assert.Equal(FailureKinds.Rejected, refused.Failure.Kind);
        Assert.DoesNotContain(_folder, refused.Failure.Message, StringComparison.Ordinal);
        Assert.InRange(refused.Failure.Message.Length, 20, 500);
    }

    [Theory]
    [InlineData("relative")]
    [InlineData("/\0")]
    [InlineData("")]
    public void A_path_that_is_none_is_refused(string asked) => Assert.Throws<RunRefusedException>(
        () => Keeper().Prepare(new RunKey(Guid.NewGuid(), 1), Grant(asked), CredentialKind.ApiKey, ".claude"));

    [Fact]
    public void A_login_lives_in_the_users_home()
    {
        var places = Keeper().Prepare(new RunKey(Guid.NewGuid(), 1), Grant(null), CredentialKind.Login, ".claude");
        Assert.Equal(Path.Combine(places.Home, ".claude"), places.Config);
        Assert.DoesNotContain(_folder, places.Home, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_an_agent_replaced_by_a_link_is_not_opened()
    {
        var secret = Path.Combine(_folder, "secret");
        File.WriteAllText(secret, "s");
        var config = Make("home/.claude/projects/p");
        File.WriteAllText(Path.Combine(config, "plain"), "t");
        File.CreateSymbolicLink(Path.Combine(config, "linked"), secret);
        Directory.CreateSymbolicLink(Path.Combine(_folder, "home/.claude/linked"), _folder);
        using var plain = SafeFile.OpenRead(Path.Combine(config, "plain"));
        Assert.NotNull(plain);
        Assert.Null(SafeFile.OpenRead(Path.Combine(config, "linked")));
        Assert.Null(SafeFile.OpenRead(Path.Combine(_folder, "home/.claude/linked/secret")));
        Assert.Null(SafeFile.OpenRead(Path.Combine(config, "missing")));
    }

    private string Make(string path) => Directory.CreateDirectory(Path.Combine(_folder, path)).FullName;

    private DirectoryKeeper Keeper() => new(
        Options.Create(new WorkerOptions { DataFolder = Path.Combine(_folder, "data") }), Options.Create(_workspaces), NullLogger<DirectoryKeeper>.Instance);

    private static RunGrant Grant(string? workingDirectory) => new()
    {
        Prompt = "p",
        Claude = new ClaudeArguments(),
        SessionId = Guid.NewGuid(),
        CredentialName = "main",
        WorkingDirectory = workingDirectory,
        Timeout = TimeSpan.FromMinutes(1),
        IdleTimeout = TimeSpan.FromMinutes(1),
    };
}

using System.Text;
using Gateway.Processes.Launching;
using Gateway.Processes.Runner;
using Gateway.Processes.Sandbox;
using Gateway.Processes.Spool;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Processes;

/// <summary>A run starts in the very directory that was checked, or nowhere, whoever plays with its name.</summary>
public sealed class WorkingDirectorySpecs
{
    public static TheoryData<string, SandboxMode> Walls { get; } = new(
        [.. RunnerHouse.Containments.SelectMany(containment => containment switch
        {
            "bubblewrap" => (SandboxMode[])[SandboxMode.Process, SandboxMode.Workspace],
            "unshare" => [SandboxMode.Process],
            _ => [SandboxMode.None],
        }, (containment, mode) => (containment, mode))]);

    [Theory]
    [MemberData(nameof(Walls))]
    public async Task A_directory_that_is_swapped_for_a_link_all_the_time_lets_no_run_out(string containment, SandboxMode mode)
    {
        const int starts = 150;
        await using var house = new RunnerHouse(containment);
        var client = await house.AttachAsync();
        var (project, secret, link) = Directories(house);
        using var right = HeldDirectory.Open(project)!;
        List<(RunEnd End, string Said)> runs = [];
        using (new Swapper(project, link))
        {
            for (var i = 0; i < starts; i++)
            {
                var run = await client.StartAsync(Cat(house, mode, project) with { WorkingDirectoryIdentity = right.Identity }, house.Limit);
                var end = await house.EndOfAsync(run);
                runs.Add((end, run.StdoutLength == 0 ? "" : Encoding.UTF8.GetString(await house.ReadAsync(run, SpoolStream.Stdout))));
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{runs.Count(run => run.Said == "project")} began, {runs.Count(run => run.End.Reason == RunEndReason.StartFailed)} were refused before the start, {runs.Count(run => run.End.ExitCode == 126)} by the wrapper");
        Assert.DoesNotContain(runs, run => run.Said.Contains("secret", StringComparison.Ordinal));
        Assert.Contains(runs, run => run.Said == "project" && run.End.ExitCode == 0);
        Assert.Contains(runs, run => run.End is { Reason: RunEndReason.StartFailed });
        Assert.All(runs, run => Assert.True(run.Said == "project" || run.End is { Reason: RunEndReason.StartFailed } or { ExitCode: not 0 }));
        Assert.True(Directory.Exists(secret));
    }

    [Fact]
    public async Task A_path_with_a_link_in_it_is_refused()
    {
        await using var house = new RunnerHouse();
        var client = await house.AttachAsync();
        var (project, _, link) = Directories(house);
        Directory.CreateDirectory(Path.Combine(project, "below"));
        Directory.CreateSymbolicLink(Path.Combine(house.Work, "short"), project);
        foreach (var path in (string[])[link, Path.Combine(house.Work, "short", "below"), Path.Combine(project, "mark"), Path.Combine(project, "below", "..")])
        {
            var run = await client.StartAsync(Cat(house, SandboxMode.None, path), house.Limit);
            Assert.Equal((RunEndReason.StartFailed, null), (run.End!.Reason, run.End.ExitCode));
        }
    }

    [Fact]
    public async Task Another_directory_than_was_checked_is_refused()
    {
        await using var house = new RunnerHouse();
        var client = await house.AttachAsync();
        var (project, secret, _) = Directories(house);
        using var right = HeldDirectory.Open(project)!;
        Directory.Delete(project, recursive: true);
        Directory.Move(secret, project);
        var run = await client.StartAsync(Cat(house, SandboxMode.None, project) with { WorkingDirectoryIdentity = right.Identity }, house.Limit);
        Assert.Equal((RunEndReason.StartFailed, null), (run.End!.Reason, run.End.ExitCode));
        Assert.Contains("not the one that was checked", run.End.StartError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/usr", 0)]
    [InlineData("/etc", 126)]
    public async Task A_wrapper_that_was_led_elsewhere_starts_nothing(string directory, int exitCode)
    {
        await using var house = new RunnerHouse();
        var mark = Path.Combine(house.Work, "mark");
        using var held = HeldDirectory.Open(directory)!;
        var nothing = Native.Open("/dev/null", Native.ReadWrite);
        try
        {
            using var child = Launcher.Shared.Start(new LaunchPlan
            {
                Program = "/bin/sh",
                Arguments = [.. Wrapping.Init("/usr/bin/touch", [mark]).Skip(1)],
                Environment = new Dictionary<string, string>(),
                WorkingDirectory = "/usr",
                Stdin = nothing,
                Stdout = nothing,
                Stderr = nothing,
                Directory = held.Descriptor,
            });
            Assert.Equal(exitCode, child.WaitForExit(TimeSpan.FromSeconds(20))?.Code);
        }
        finally
        {
            Native.Close(nothing);
        }

        Assert.Equal(exitCode == 0, File.Exists(mark));
    }

    private static (string Project, string Secret, string Link) Directories(RunnerHouse house)
    {
        var places = (Project: Path.Combine(house.Work, "project"), Secret: Path.Combine(house.Folder, "secret"), Link: Path.Combine(house.Work, "link"));
        foreach (var place in (string[])[places.Project, places.Secret])
        {
            Directory.CreateDirectory(place);
            File.WriteAllText(Path.Combine(place, "mark"), Path.GetFileName(place));
        }

        Directory.CreateSymbolicLink(places.Link, places.Secret);
        return places;
    }

    private static StartRun Cat(RunnerHouse house, SandboxMode mode, string directory) => house.Shell("cat mark") with
    {
        WorkingDirectory = directory,
        Sandbox = new RunSandbox { Mode = mode, WritablePaths = [directory] },
    };
}

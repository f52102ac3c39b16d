using System.Security.Cryptography;
using System.Text;
using Gateway.Processes.Launching;
using Gateway.Processes.Runner;
using Gateway.Processes.Sandbox;
using Gateway.Processes.Spool;
using Xunit;

namespace Gateway.Tests.Processes;

public sealed class LaunchSpecs
{
    public static TheoryData<string> Containments => new(RunnerHouse.Containments);

    [Theory]
    [MemberData(nameof(Containments))]
    public async Task A_program_runs_and_its_streams_and_exit_code_arrive_exactly(string containment)
    {
        await using var house = new RunnerHouse(containment);
        var client = await house.AttachAsync();
        var (end, stdout, stderr) = await house.RunAsync(client, house.Shell("printf 'a\\nb'; printf err >&2; exit 7", RunnerHouse.ModeFor(containment)));
        Assert.Equal((RunEndReason.Exited, 7, null), (end.Reason, end.ExitCode, end.Signal));
        Assert.Equal(("a\nb", "err"), (stdout, stderr));
        Assert.Equal((3L, 3L, false, true), (end.StdoutBytes, end.StderrBytes, end.Truncated, end.StdinFullyRead));
        Assert.NotNull(end.StartedAt);
        Assert.True(end.Duration > TimeSpan.Zero);
        Assert.Equal(containment, client.Info.Containment);
    }

    [Theory]
    [MemberData(nameof(Containments))]
    public async Task Three_megabytes_of_stdin_arrive_whole(string containment)
    {
        await using var house = new RunnerHouse(containment);
        var client = await house.AttachAsync();
        var prompt = RandomNumberGenerator.GetBytes(3 << 20);
        var (end, stdout, _) = await house.RunAsync(client, house.Shell("sha256sum", RunnerHouse.ModeFor(containment)) with { Stdin = prompt });
        Assert.StartsWith(Convert.ToHexStringLower(SHA256.HashData(prompt)), stdout);
        Assert.True(end.StdinFullyRead);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1 << 20)]
    public async Task A_program_that_leaves_its_stdin_unread_is_told_apart(int bytes)
    {
        await using var house = new RunnerHouse();
        var client = await house.AttachAsync();
        var (end, _, _) = await house.RunAsync(client, house.Shell("exec <&-; echo done") with { Stdin = new byte[bytes] });
        Assert.Equal((RunEndReason.Exited, 0, false), (end.Reason, end.ExitCode, end.StdinFullyRead));
    }

    [Theory]
    [MemberData(nameof(Containments))]
    public async Task The_environment_is_the_allow_list_the_mark_and_the_directory(string containment)
    {
        await using var house = new RunnerHouse(containment);
        var client = await house.AttachAsync();
        var start = house.Shell(string.Empty, RunnerHouse.ModeFor(containment)) with
        {
            Program = "/usr/bin/env",
            Arguments = [],
            Environment = new Dictionary<string, string> { ["ONE"] = "1 = ü" },
        };
        var (_, stdout, _) = await house.RunAsync(client, start);
        Assert.Equal(
            ["GATEWAY_RUN=" + start.Id.EnvironmentValue, "ONE=1 = ü", "PWD=" + house.Work],
            stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Containments))]
    public async Task A_program_has_the_descriptors_0_1_2_a_mask_of_077_and_no_new_privileges(string containment)
    {
        await using var house = new RunnerHouse(containment);
        var client = await house.AttachAsync();

        // Another process looks, so that what looking needs is not counted.
        var script = "ls /proc/$$/fd; umask; grep NoNewPrivs /proc/self/status";
        var (_, stdout, _) = await house.RunAsync(client, house.Shell(script, RunnerHouse.ModeFor(containment)));
        Assert.Equal("0\n1\n2\n0077\nNoNewPrivs:\t1\n", stdout);
    }

    [Theory]
    [MemberData(nameof(Containments))]
    public async Task A_secret_comes_through_a_descriptor_and_stands_nowhere_else(string containment)
    {
        await using var house = new RunnerHouse(containment);
        var client = await house.AttachAsync();
        var secret = "canary-" + Guid.NewGuid().ToString("N");
        var start = house.Shell("eval \"cat <&$KEY_FD\"; echo; eval \"cat <&$KEY_FD\"; echo end; exec tail -f /dev/null", RunnerHouse.ModeFor(containment)) with
        {
            Secret = new RunSecret("KEY_FD", Encoding.UTF8.GetBytes(secret)),
        };
        var run = await client.StartAsync(start, house.Limit);
        await house.SaidAsync(run, secret.Length + 5);
        Assert.Equal(secret + "\nend\n", Encoding.UTF8.GetString(await house.ReadAsync(run, SpoolStream.Stdout)));
        var processes = ProcessTable.Of(start.Id);
        Assert.NotEmpty(processes);
        Assert.All(processes, pid => Assert.DoesNotContain(ProcessTable.EnvironmentOf(pid), entry => entry.Contains(secret)));
        Assert.All(processes, pid => Assert.DoesNotContain(secret, File.ReadAllText($"/proc/{pid}/cmdline")));
        Assert.DoesNotContain(secret, await File.ReadAllTextAsync(Path.Combine(run.Directory, "spec.json"), house.Limit));
        await client.StopAsync(start.Id, TimeSpan.Zero, house.Limit);
        await house.EndOfAsync(run);
    }

    [Fact]
    public async Task A_NUL_anywhere_is_refused_and_nothing_is_started()
    {
        await using var house = new RunnerHouse();
        var client = await house.AttachAsync();
        var good = house.Shell("true");
        StartRun[] bad =
        [
            good with { Program = "/bin/s\0h" },
            good with { Arguments = ["a\0b"] },
            good with { WorkingDirectory = house.Work + "\0" },
            good with { Environment = new Dictionary<string, string> { ["A"] = "b\0" } },
            good with { Environment = new Dictionary<string, string> { ["A\0"] = "b" } },
            good with { Sandbox = new RunSandbox { WritablePaths = ["/tmp\0"] } },
            good with { Secret = new RunSecret("K\0", new byte[1]) },
        ];
        foreach (var start in bad)
        {
            await Assert.ThrowsAsync<ArgumentException>(() => client.StartAsync(start, house.Limit));
        }

        Assert.Empty(client.Runs);
        Assert.Empty(Directory.GetDirectories(Path.Combine(house.Options.Folder, "runs")));
    }

    [Theory]
    [InlineData("/nowhere/at/all", 127)]
    [InlineData("/etc/passwd", 126)]
    [InlineData("/usr", 126)]
    public async Task A_program_that_cannot_be_started_is_a_run_with_that_end(string program, int exitCode)
    {
        await using var house = new RunnerHouse();
        var client = await house.AttachAsync();
        var run = await client.StartAsync(house.Shell("x") with { Program = program }, house.Limit);
        Assert.Equal((RunEndReason.StartFailed, exitCode), (run.End!.Reason, run.End.ExitCode));
        Assert.NotNull(run.End.StartError);
        Assert.Null(run.StartedAt);
    }

    [Fact]
    public async Task An_interpreter_that_is_not_there_and_an_overlong_argument_are_start_failures_too()
    {
        await using var house = new RunnerHouse();
        var client = await house.AttachAsync();
        var script = Path.Combine(house.Work, "script");
        await File.WriteAllTextAsync(script, "#!/nowhere/at/all\n", house.Limit);
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var noInterpreter = await client.StartAsync(house.Shell("x") with { Program = script }, house.Limit);
        Assert.Equal((RunEndReason.StartFailed, 127), (noInterpreter.End!.Reason, noInterpreter.End.ExitCode));
        var tooLong = await client.StartAsync(house.Shell("x") with { Arguments = [new string('a', 140_000)] }, house.Limit);
        Assert.Equal((RunEndReason.StartFailed, null), (tooLong.End!.Reason, tooLong.End.ExitCode));
        var noDirectory = await client.StartAsync(house.Shell("x") with { WorkingDirectory = "/nowhere" }, house.Limit);
        Assert.Equal((RunEndReason.StartFailed, null), (noDirectory.End!.Reason, noDirectory.End.ExitCode));
    }

    [Theory]
    [MemberData(nameof(Containments))]
    public async Task A_kill_from_outside_is_named(string containment)
    {
        await using var house = new RunnerHouse(containment);
        var client = await house.AttachAsync();
        var (end, _, stderr) = await house.RunAsync(client, house.Shell("kill -KILL $$", RunnerHouse.ModeFor(containment)));
        Assert.Equal((RunEndReason.Exited, 137, "SIGKILL", ""), (end.Reason, end.ExitCode, end.Signal, stderr));
    }

    [Fact]
    public async Task A_start_repeated_gives_the_same_run_also_after_its_end()
    {
        await using var house = new RunnerHouse();
        var client = await house.AttachAsync();
        var start = house.Shell("echo ran >> mark; echo x");
        var first = await client.StartAsync(start, house.Limit);
        await house.EndOfAsync(first);
        var again = await client.StartAsync(start, house.Limit);
        var other = await (await house.AttachAsync()).StartAsync(start with { Stdin = new byte[5] }, house.Limit);
        Assert.Same(first, again);
        Assert.Equal(first.End, other.End);
        Assert.Equal("ran\n", await File.ReadAllTextAsync(Path.Combine(house.Work, "mark"), house.Limit));
        Assert.Empty(Directory.GetFiles(Path.Combine(house.Options.Folder, "incoming")));
    }

    [Fact]
    public async Task A_program_in_the_workspace_sandbox_sees_its_paths_and_no_others()
    {
        Assert.SkipUnless(RunnerHouse.Containments.Contains("bubblewrap"), "bubblewrap does not work on this machine");
        await using var house = new RunnerHouse("bubblewrap");
        var client = await house.AttachAsync();
        var secret = Path.Combine(house.Folder, "outside");
        await File.WriteAllTextAsync(secret, "x", house.Limit);
        var readable = Directory.CreateDirectory(Path.Combine(house.Folder, "readable")).FullName;
        var script = $"echo hi > made && cat made; test -e {secret} || echo hidden; touch {readable}/no 2>/dev/null || echo closed; id -u; grep CapEff /proc/self/status; ls /proc | grep -c '^[0-9]*$'";
        var start = house.Shell(script) with
        {
            Sandbox = new RunSandbox { Mode = SandboxMode.Workspace, WritablePaths = [house.Work], ReadOnlyPaths = [readable] },
        };
        var (end, stdout, stderr) = await house.RunAsync(client, start);
        Assert.Equal((0, ""), (end.ExitCode, stderr));
        Assert.StartsWith("hi\nhidden\nclosed\n", stdout);
        Assert.Contains("CapEff:\t0000000000000000", stdout);
        Assert.NotEqual("0", stdout.Split('\n')[3]);
        Assert.Equal("hi\n", await File.ReadAllTextAsync(Path.Combine(house.Work, "made"), house.Limit));
    }

    [Fact]
    public async Task A_pinned_directory_that_became_another_one_starts_nothing()
    {
        Assert.SkipUnless(RunnerHouse.Containments.Contains("bubblewrap"), "bubblewrap does not work on this machine");
        await using var house = new RunnerHouse("bubblewrap");
        var client = await house.AttachAsync();
        var pinned = Directory.CreateDirectory(Path.Combine(house.Folder, "pinned")).FullName;
        var secret = Directory.CreateDirectory(Path.Combine(house.Folder, "secret")).FullName;
        string mark;
        using (var held = HeldDirectory.Open(pinned)!)
        {
            mark = held.Identity.ToMark();
        }

        var start = house.Shell($"touch ran; ls {pinned}") with
        {
            Sandbox = new RunSandbox { Mode = SandboxMode.Workspace, WritablePaths = [house.Work, pinned], Pins = [$"{mark} {pinned}"] },
        };
        var (good, _, stderr) = await house.RunAsync(client, start with { Id = new RunId(Guid.NewGuid(), 1) });
        Assert.Equal((0, ""), (good.ExitCode, stderr));
        File.Delete(Path.Combine(house.Work, "ran"));
        Directory.Delete(pinned);
        Directory.CreateSymbolicLink(pinned, secret);
        var (led, _, _) = await house.RunAsync(client, start with { Id = new RunId(Guid.NewGuid(), 1) });
        Assert.Equal((126, false), (led.ExitCode, File.Exists(Path.Combine(house.Work, "ran"))));
    }

    [Fact]
    public async Task A_workspace_sandbox_without_bubblewrap_is_refused_not_weakened()
    {
        await using var house = new RunnerHouse("sweep");
        var client = await house.AttachAsync();
        var run = await client.StartAsync(house.Shell("touch ran", SandboxMode.Workspace), house.Limit);
        Assert.Equal(RunEndReason.SandboxMissing, run.End!.Reason);
        Assert.False(File.Exists(Path.Combine(house.Work, "ran")));
    }
}

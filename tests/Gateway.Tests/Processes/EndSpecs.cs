using System.Text;
using Gateway.Processes.Spool;
using Xunit;

namespace Gateway.Tests.Processes;

public sealed class EndSpecs
{
    private const string Hold = "exec tail -f /dev/null";

    public static TheoryData<string> Containments => new(RunnerHouse.Containments);

    [Theory]
    [InlineData(100_000)]
    [InlineData(0)]
    public async Task More_output_than_the_cap_ends_the_run_and_keeps_a_prefix_of_exactly_the_cap(long cap)
    {
        await using var house = new RunnerHouse();
        var client = await house.AttachAsync();
        var start = house.Shell("yes abcdefg & yes ABCDEFG >&2") with { OutputCapBytes = cap };
        var run = await client.StartAsync(start, house.Limit);
        var end = await house.EndOfAsync(run);
        Assert.Equal((RunEndReason.OutputLimit, true, cap), (end.Reason, end.Truncated, end.StdoutBytes + end.StderrBytes));
        Assert.True(end.DroppedBytes > 0);
        Assert.Equal((end.StdoutBytes, end.StderrBytes), (run.StdoutLength, run.StderrLength));
        Assert.Equal(Pattern("abcdefg\n", end.StdoutBytes), Encoding.ASCII.GetString(await house.ReadAsync(run, SpoolStream.Stdout)));
        Assert.Equal(Pattern("ABCDEFG\n", end.StderrBytes), Encoding.ASCII.GetString(await house.ReadAsync(run, SpoolStream.Stderr)));
        Assert.Empty(ProcessTable.Of(start.Id));
    }

    [Fact]
    public async Task Output_of_exactly_the_cap_is_no_offence()
    {
        await using var house = new RunnerHouse();
        var client = await house.AttachAsync();
        var (end, _, _) = await house.RunAsync(client, house.Shell("head -c 60000 /dev/zero; head -c 40000 /dev/zero >&2") with { OutputCapBytes = 100_000 });
        Assert.Equal((RunEndReason.Exited, false, 60_000L, 40_000L), (end.Reason, end.Truncated, end.StdoutBytes, end.StderrBytes));
    }

    [Theory]
    [InlineData(RunEndReason.Timeout)]
    [InlineData(RunEndReason.IdleTimeout)]
    [InlineData(RunEndReason.Deadline)]
    public async Task A_timer_that_runs_out_ends_a_program_that_ignores_the_stop_signal(RunEndReason reason)
    {
        await using var house = new RunnerHouse();
        var client = await house.AttachAsync();
        var soon = TimeSpan.FromMilliseconds(400);
        var start = house.Shell("trap '' TERM; echo up; while :; do sleep 1000; done");
        start = reason switch
        {
            RunEndReason.Timeout => start with { Timeout = soon },
            RunEndReason.IdleTimeout => start with { IdleTimeout = soon },
            _ => start with { Deadline = soon, StopGrace = TimeSpan.FromMinutes(1) },
        };
        var (end, stdout, _) = await house.RunAsync(client, start);
        Assert.Equal((reason, "up\n", "SIGKILL"), (end.Reason, stdout, end.Signal));
        Assert.InRange(end.Duration, soon, TimeSpan.FromSeconds(20));
        Assert.Empty(ProcessTable.Of(start.Id));
    }

    [Fact]
    public async Task Each_output_begins_the_silence_anew()
    {
        await using var house = new RunnerHouse();
        var client = await house.AttachAsync();
        var talks = house.Shell("for i in 1 2 3 4 5 6 7 8; do sleep 0.2; echo $i; done") with { IdleTimeout = TimeSpan.FromSeconds(1) };
        var (end, stdout, _) = await house.RunAsync(client, talks);
        Assert.Equal((RunEndReason.Exited, 16), (end.Reason, stdout.Length));
        Assert.True(end.Duration > talks.IdleTimeout);
    }

    [Fact]
    public async Task A_renewed_deadline_holds_and_the_last_one_counts()
    {
        await using var house = new RunnerHouse();
        var client = await house.AttachAsync();
        var run = await client.StartAsync(house.Shell("sleep 1.2; echo alive; " + Hold) with { Deadline = TimeSpan.FromMilliseconds(600) }, house.Limit);
        await client.RenewAsync([run.Id, new RunId(Guid.NewGuid(), 1)], TimeSpan.FromMinutes(1), house.Limit);
        await house.SaidAsync(run, 6);
        Assert.Null(run.End);
        await client.RenewAsync([run.Id], TimeSpan.Zero, house.Limit);
        Assert.Equal(RunEndReason.Deadline, (await house.EndOfAsync(run)).Reason);
    }

    [Theory]
    [MemberData(nameof(Containments))]
    public async Task A_stop_reaches_the_program_itself_and_its_last_words_are_kept(string containment)
    {
        await using var house = new RunnerHouse(containment);
        var client = await house.AttachAsync();
        var script = "trap 'echo bye; exit 143' TERM; echo up; while :; do sleep 0.05; done";
        var run = await client.StartAsync(house.Shell(script, RunnerHouse.ModeFor(containment)), house.Limit);
        await house.SaidAsync(run, 3);
        await client.StopAsync(run.Id, TimeSpan.FromSeconds(30), house.Limit);
        var end = await house.EndOfAsync(run);
        Assert.Equal((RunEndReason.Stopped, 143, null), (end.Reason, end.ExitCode, end.Signal));
        Assert.Equal("up\nbye\n", Encoding.UTF8.GetString(await house.ReadAsync(run, SpoolStream.Stdout)));
    }

    [Theory]
    [MemberData(nameof(Containments))]
    public async Task A_stop_right_after_the_start_ends_the_run(string containment)
    {
        await using var house = new RunnerHouse(containment);
        var client = await house.AttachAsync();
        for (var i = 0; i < 10; i++)
        {
            var run = await client.StartAsync(house.Shell(Hold, RunnerHouse.ModeFor(containment)), house.Limit);
            await client.StopAsync(run.Id, TimeSpan.FromMilliseconds(i), house.Limit);
            Assert.Equal(RunEndReason.Stopped, (await house.EndOfAsync(run)).Reason);
            Assert.Empty(ProcessTable.Of(run.Id));
        }
    }

    [Theory]
    [MemberData(nameof(Containments))]
    public async Task Nothing_of_a_tree_of_daemons_outlives_a_stop(string containment)
    {
        await using var house = new RunnerHouse(containment);
        var client = await house.AttachAsync();
        var run = await client.StartAsync(house.Shell("trap '' TERM; " + Daemons + "; echo up; " + Hold, RunnerHouse.ModeFor(containment)), house.Limit);
        await house.SaidAsync(run, 3);
        Assert.True(ProcessTable.Of(run.Id).Count >= 4);
        await client.StopAsync(run.Id, TimeSpan.FromMilliseconds(100), house.Limit);
        Assert.Equal(RunEndReason.Stopped, (await house.EndOfAsync(run)).Reason);
        Assert.Empty(ProcessTable.Of(run.Id));
    }

    [Theory]
    [MemberData(nameof(Containments))]
    public async Task Nothing_of_a_tree_of_daemons_that_hold_stdout_outlives_a_normal_end(string containment)
    {
        await using var house = new RunnerHouse(containment);
        var client = await house.AttachAsync();
        var run = await client.StartAsync(house.Shell(Daemons + "; echo up; while ! test -e go; do sleep 0.02; done; exit 3", RunnerHouse.ModeFor(containment)), house.Limit);
        await house.SaidAsync(run, 3);
        Assert.True(ProcessTable.Of(run.Id).Count >= 4);
        await File.WriteAllTextAsync(Path.Combine(house.Work, "go"), string.Empty, house.Limit);
        var end = await house.EndOfAsync(run);
        Assert.Equal((RunEndReason.Exited, 3), (end.Reason, end.ExitCode));
        Assert.True(end.Duration < TimeSpan.FromSeconds(10));
        Assert.Empty(ProcessTable.Of(run.Id));
    }

    [Fact]
    public async Task Runs_live_on_while_the_threads_of_the_pool_come_and_go()
    {
        var containment = RunnerHouse.Containments[0];
        await using var house = new RunnerHouse(containment);
        var client = await house.AttachAsync();
        var runs = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () => client.StartAsync(house.Shell("echo up; " + Hold, RunnerHouse.ModeFor(containment)), house.Limit),
            house.Limit, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()));
        foreach (var run in runs)
        {
            await house.SaidAsync(run, 3);
        }

        // Sixteen short runs end their guards' threads in the runner meanwhile.
        foreach (var short_ in Enumerable.Range(0, 16))
        {
            await house.RunAsync(client, house.Shell("exit " + short_, RunnerHouse.ModeFor(containment)));
        }

        Assert.All(runs, run => Assert.Null(run.End));
        Assert.All(runs, run => Assert.NotEmpty(ProcessTable.Of(run.Id)));
        await Task.WhenAll(runs.Select(run => client.StopAsync(run.Id, TimeSpan.Zero, house.Limit)));
        await Task.WhenAll(runs.Select(house.EndOfAsync));
    }

    [Fact]
    public async Task A_full_disk_ends_the_run_as_such_and_the_next_run_works_once_there_is_room()
    {
        Assert.SkipUnless(Environment.UserName == "root", "a full disk is made with mount, which needs root");
        await using var house = new RunnerHouse();
        var spool = Directory.CreateDirectory(Path.Combine(house.Folder, "r")).FullName;
        var mount = await Gateway.Processes.Launching.ProgramRunner.CaptureAsync(
            "/usr/bin/mount", ["-t", "tmpfs", "-o", "size=256k", "none", spool], new Dictionary<string, string>(), TimeSpan.FromSeconds(5), 1000, house.Limit);
        Assert.SkipUnless(mount.ExitCode == 0, "this machine does not let root mount a tmpfs");
        try
        {
            var client = await house.AttachAsync();
            var full = house.Shell("head -c 1000000 /dev/zero; " + Hold);
            var run = await client.StartAsync(full, house.Limit);
            var end = await house.EndOfAsync(run);
            Assert.Equal((RunEndReason.SpoolFull, true), (end.Reason, end.Truncated));
            Assert.InRange(end.StdoutBytes, 1, 256 << 10);
            Assert.Empty(ProcessTable.Of(full.Id));
            await client.ReleaseAsync(full.Id, house.Limit);
            var (next, stdout, _) = await house.RunAsync(client, house.Shell("echo fine"));
            Assert.Equal((RunEndReason.Exited, "fine\n"), (next.Reason, stdout));
        }
        finally
        {
            await Gateway.Processes.Launching.ProgramRunner.CaptureAsync(
                "/usr/bin/umount", ["-l", spool], new Dictionary<string, string>(), TimeSpan.FromSeconds(5), 1000, CancellationToken.None);
        }
    }

    // Its own session; a double fork that keeps stdout; a double fork with no descriptor of ours.
    private const string Daemons = "setsid sleep 1000 & (setsid sh -c 'sleep 1001 & exec sleep 1002' &) ; (setsid sleep 1003 </dev/null >/dev/null 2>&1 &)";

    private static string Pattern(string line, long length) =>
        string.Concat(Enumerable.Repeat(line, (int)(length / line.Length) + 1))[..(int)length];
}

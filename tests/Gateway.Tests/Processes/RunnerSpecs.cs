using System.Net.Sockets;
using System.Text;
using Gateway.Processes.Launching;
using Gateway.Processes.Runner;
using Gateway.Processes.Spool;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gateway.Tests.Processes;

public sealed class RunnerSpecs
{
    private const string Hold = "exec tail -f /dev/null";

    public static TheoryData<string> Containments => new(RunnerHouse.Containments);

    [Fact]
    public async Task A_second_worker_adopts_the_runs_and_reads_the_same_bytes()
    {
        await using var house = new RunnerHouse();
        var first = await house.AttachAsync();
        var run = await first.StartAsync(house.Shell("echo one; while ! test -e go; do sleep 0.02; done; echo two"), house.Limit);
        await house.SaidAsync(run, 4);
        await first.DisposeAsync();
        await first.Closed;

        var second = await house.AttachAsync();
        Assert.Equal((first.WorkerId, first.Epoch + 1, first.Info.ProcessId), (second.WorkerId, second.Epoch, second.Info.ProcessId));
        var adopted = Assert.Single(second.Runs);
        Assert.Equal((run.Id, run.Directory, run.StartedAt, 4L), (adopted.Id, adopted.Directory, adopted.StartedAt, adopted.StdoutLength));
        await File.WriteAllTextAsync(Path.Combine(house.Work, "go"), string.Empty, house.Limit);
        Assert.Equal(RunEndReason.Exited, (await house.EndOfAsync(adopted)).Reason);
        Assert.Equal("one\ntwo\n", Encoding.UTF8.GetString(await house.ReadAsync(adopted, SpoolStream.Stdout)));
    }

    [Fact]
    public async Task Only_the_newest_epoch_is_served()
    {
        await using var house = new RunnerHouse();
        var older = await house.AttachAsync();
        var newer = await house.AttachAsync();
        await older.Closed.WaitAsync(house.Limit);
        await Assert.ThrowsAsync<RunnerException>(() => older.StartAsync(house.Shell("true"), house.Limit));
        await Assert.ThrowsAsync<RunnerException>(() => older.RenewAsync([], TimeSpan.Zero, house.Limit));
        Assert.Equal(0, (await house.RunAsync(newer, house.Shell("true"))).End.ExitCode);
        Assert.True(newer.Epoch > older.Epoch);
    }

    [Theory]
    [MemberData(nameof(Containments))]
    public async Task Runs_of_a_killed_runner_are_gone_before_they_are_reported_lost(string containment)
    {
        await using var house = new RunnerHouse(containment);
        var client = await house.AttachAsync();
        var done = await client.StartAsync(house.Shell("exit 5", RunnerHouse.ModeFor(containment)), house.Limit);
        await house.EndOfAsync(done);
        var run = await client.StartAsync(house.Shell("setsid sleep 1000 & echo up; " + Hold, RunnerHouse.ModeFor(containment)), house.Limit);
        await house.SaidAsync(run, 3);
        Assert.NotEmpty(ProcessTable.Of(run.Id));
        ProcessTable.Kill(client.Info.ProcessId, "SIGKILL");
        await client.Closed.WaitAsync(house.Limit);
        if (containment != "sweep")
        {
            Assert.True(await ProcessTable.EmptiesAsync(run.Id, house.Limit), "the namespace must die with the runner, with nobody there to sweep");
        }

        var next = await house.AttachAsync();
        Assert.Empty(ProcessTable.Of(run.Id));
        Assert.NotEqual(client.Info.ProcessId, next.Info.ProcessId);
        Assert.Equal((client.WorkerId, client.Epoch + 1), (next.WorkerId, next.Epoch));
        var lost = next.Runs.Single(found => found.Id == run.Id);
        Assert.Equal((RunEndReason.Lost, 3L), (lost.End!.Reason, lost.StdoutLength));
        Assert.Equal("up\n", Encoding.UTF8.GetString(await house.ReadAsync(lost, SpoolStream.Stdout)));
        Assert.Equal((RunEndReason.Exited, 5), (next.Runs.Single(found => found.Id == done.Id).End!.Reason, next.Runs.Single(found => found.Id == done.Id).End!.ExitCode));
    }

    [Fact]
    public async Task The_runner_ends_itself_when_nothing_is_left_and_nobody_calls()
    {
        await using var house = new RunnerHouse(idleExit: TimeSpan.FromMilliseconds(200));
        var client = await house.AttachAsync();
        var run = await client.StartAsync(house.Shell("true"), house.Limit);
        await house.EndOfAsync(run);
        await client.DisposeAsync();
        var again = await house.AttachAsync();
        Assert.Equal(client.Info.ProcessId, again.Info.ProcessId);
        await again.ReleaseAsync(run.Id, house.Limit);
        await again.DisposeAsync();
        await ProcessTable.GoneAsync(again.Info.ProcessId, house.Limit);
        Assert.False(File.Exists(Path.Combine(house.Options.Folder, "runner.sock")));
    }

    [Fact]
    public async Task A_release_removes_the_folder_of_a_finished_run_and_refuses_a_living_one()
    {
        await using var house = new RunnerHouse();
        var client = await house.AttachAsync();
        var run = await client.StartAsync(house.Shell(Hold), house.Limit);
        await Assert.ThrowsAsync<RunnerException>(() => client.ReleaseAsync(run.Id, house.Limit));
        await client.StopAsync(run.Id, TimeSpan.FromSeconds(5), house.Limit);
        await house.EndOfAsync(run);
        Assert.True(Directory.Exists(run.Directory));
        await client.ReleaseAsync(run.Id, house.Limit);
        await client.ReleaseAsync(run.Id, house.Limit);
        Assert.False(Directory.Exists(run.Directory));
        Assert.Empty(client.Runs);
    }

    [Fact]
    public async Task A_SIGTERM_ends_the_runs_and_then_the_runner_while_SIGINT_and_SIGHUP_end_nothing()
    {
        await using var house = new RunnerHouse();
        var client = await house.AttachAsync();
        var run = await client.StartAsync(house.Shell("trap 'exit 0' TERM; echo up; while :; do sleep 0.05; done"), house.Limit);
        await house.SaidAsync(run, 3);
        ProcessTable.Kill(client.Info.ProcessId, "SIGINT");
        ProcessTable.Kill(client.Info.ProcessId, "SIGHUP");
        Assert.Equal(0, (await house.RunAsync(client, house.Shell("true"))).End.ExitCode);
        ProcessTable.Kill(client.Info.ProcessId, "SIGTERM");
        await ProcessTable.GoneAsync(client.Info.ProcessId, house.Limit);
        Assert.Empty(ProcessTable.Of(run.Id));
        var next = await house.AttachAsync();
        Assert.Equal(RunEndReason.Stopped, next.Runs.Single(found => found.Id == run.Id).End!.Reason);
    }

    [Fact]
    public async Task Workers_that_attach_at_once_share_one_runner()
    {
        await using var house = new RunnerHouse();
        var clients = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => house.AttachAsync()));
        Assert.Single(clients.Select(client => client.Info.ProcessId).Distinct());
        Assert.Equal(4, clients.Select(client => client.Epoch).Distinct().Count());
    }

    [Fact]
    public async Task The_runner_stands_apart_from_its_starter()
    {
        await using var house = new RunnerHouse();
        var client = await house.AttachAsync();
        var pid = client.Info.ProcessId;
        var stat = (await File.ReadAllTextAsync($"/proc/{pid}/stat", house.Limit)).Split(") ")[1].Split(' ');
        Assert.Equal(pid.ToString(System.Globalization.CultureInfo.InvariantCulture), stat[3]);
        var targets = Directory.GetFiles($"/proc/{pid}/fd").Select(link => new FileInfo(link).LinkTarget ?? string.Empty).ToList();
        var standard = Enumerable.Range(0, 3).Select(number => new FileInfo($"/proc/{pid}/fd/{number}").LinkTarget).ToList();
        Assert.Equal(["/dev/null", Path.Combine(house.Options.Folder, "runner.log"), Path.Combine(house.Options.Folder, "runner.log")], standard);
        Assert.DoesNotContain(targets, target => target.StartsWith("pipe:", StringComparison.Ordinal) && SharedWithUs(target));
        Assert.Equal(["DOTNET", "LANG", "MALLOC", "PATH"], ProcessTable.EnvironmentOf(pid).Select(entry => entry.Split('=', '_')[0]).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(house.Options.Folder, "runner.sock")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(house.Options.Folder));
    }

    [Fact]
    public async Task A_worker_of_another_version_and_a_stranger_to_the_protocol_are_turned_away()
    {
        await using var house = new RunnerHouse();
        var client = await house.AttachAsync();
        var reply = await SayAsync(house, RunnerFrame.Encode(new RunnerRequest { Kind = RequestKind.Hello, Version = 99 }, RunnerJson.Default.RunnerRequest));
        Assert.Contains("protocol version 1", reply);
        Assert.Contains("99", reply);
        Assert.Equal(string.Empty, await SayAsync(house, [255, 255, 255, 255, 1]));
        Assert.Equal(string.Empty, await SayAsync(house, [5, 0, 0, 0, .. "hello"u8]));
        Assert.Contains("hello", await SayAsync(house, RunnerFrame.Encode(new RunnerRequest { Kind = RequestKind.Release, Runs = [] }, RunnerJson.Default.RunnerRequest), close: true));
        Assert.Equal(0, (await house.RunAsync(client, house.Shell("true"))).End.ExitCode);
    }

    [Fact]
    public async Task A_folder_too_deep_for_a_socket_is_refused_with_the_limit_and_the_setting()
    {
        var options = new RunnerOptions { Folder = "/tmp/" + new string('x', 120), ProgramPath = RunnerHouse.ProgramPath };
        var refusal = await Assert.ThrowsAsync<RunnerException>(() => RunnerClient.AttachAsync(options, TimeProvider.System, NullLogger.Instance, CancellationToken.None));
        Assert.Contains("107", refusal.Message);
        Assert.Contains("RunnerOptions.Folder", refusal.Message);
        Assert.False(Directory.Exists(options.Folder));
    }

    [Fact]
    public async Task A_helper_program_is_captured_cut_and_killed_with_its_tree()
    {
        var none = new Dictionary<string, string>();
        var second = TimeSpan.FromSeconds(20);
        var said = await ProgramRunner.CaptureAsync("/bin/sh", ["-c", "echo out; echo err >&2; exit 4"], none, second, 100, CancellationToken.None);
        Assert.Equal((4, "out\n", "err\n", false, false), (said.ExitCode, Encoding.UTF8.GetString(said.Stdout), Encoding.UTF8.GetString(said.Stderr), said.TimedOut, said.Truncated));
        var cut = await ProgramRunner.CaptureAsync("/bin/sh", ["-c", "head -c 300000 /dev/zero"], none, second, 100, CancellationToken.None);
        Assert.Equal((0, 100, true), (cut.ExitCode, cut.Stdout.Length, cut.Truncated));
        var late = await ProgramRunner.CaptureAsync("/bin/sh", ["-c", "echo $GATEWAY_RUN; setsid sleep 1000 & sleep 1000"], none, TimeSpan.FromMilliseconds(300), 100, CancellationToken.None);
        Assert.True(late.TimedOut);
        var id = Encoding.UTF8.GetString(late.Stdout).Trim().Split('/');
        Assert.Empty(ProcessTable.Of(new RunId(Guid.Parse(id[0]), int.Parse(id[1], System.Globalization.CultureInfo.InvariantCulture))));
        Assert.Equal(127, (await ProgramRunner.CaptureAsync("/nowhere", [], none, second, 100, CancellationToken.None)).ExitCode);
        await Assert.ThrowsAsync<ArgumentException>(() => ProgramRunner.CaptureAsync("/bin/true", ["a\0b"], none, second, 100, CancellationToken.None));
    }

    private static bool SharedWithUs(string target) => Directory.GetFiles("/proc/self/fd").Any(link => new FileInfo(link).LinkTarget == target);

    /// <summary>Says raw bytes to the runner and gives all it answers until it closes (or once, when we are to close).</summary>
    private static async Task<string> SayAsync(RunnerHouse house, byte[] bytes, bool close = false)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(house.Options.Folder, "runner.sock")), house.Limit);
        await socket.SendAsync(bytes, house.Limit);
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        int count;
        while ((count = await socket.ReceiveAsync(buffer, house.Limit)) > 0)
        {
            answer.Append(Encoding.UTF8.GetString(buffer, 0, count));
            if (close)
            {
                break;
            }
        }

        return answer.ToString();
    }
}

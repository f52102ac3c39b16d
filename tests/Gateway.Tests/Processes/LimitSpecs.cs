using System.Text;
using Gateway.Processes.Sandbox;
using Gateway.Processes.Spool;
using Xunit;

namespace Gateway.Tests.Processes;

/// <summary>A run that takes more of the machine than it may is ended, and nobody beside it.</summary>
public sealed class LimitSpecs
{
    private const string Hold = "exec sleep 1000";

    public static TheoryData<string> Containments => new(RunnerHouse.Containments);

    [Theory]
    [MemberData(nameof(Containments))]
    public async Task A_run_that_makes_too_many_processes_is_ended_with_all_of_them(string containment)
    {
        await using var house = new RunnerHouse(containment);
        var client = await house.AttachAsync();
        var start = house.Shell("i=0; while [ $i -lt 60 ]; do sleep 1000 & i=$((i+1)); done; " + Hold, RunnerHouse.ModeFor(containment)) with { Limits = new RunLimits { Processes = 20 } };
        var (end, _, _) = await house.RunAsync(client, start);
        Assert.Equal((RunEndReason.ResourceLimit, RunLimit.Processes), (end.Reason, end.Limit));
        Assert.Empty(ProcessTable.Of(start.Id));
    }

    [Theory]
    [MemberData(nameof(Containments))]
    public async Task A_run_that_takes_too_much_memory_is_ended_and_its_neighbour_lives(string containment)
    {
        await using var house = new RunnerHouse(containment);
        var client = await house.AttachAsync();
        var limits = new RunLimits { MemoryBytes = 64L << 20 };
        var neighbour = await client.StartAsync(house.Shell("echo up; read x; echo well", RunnerHouse.ModeFor(containment)) with { Limits = limits, Stdin = Encoding.ASCII.GetBytes("") }, house.Limit);
        var (end, _, _) = await house.RunAsync(client, house.Shell("x=$(head -c 150000000 /dev/zero | tr '\\0' a); " + Hold, RunnerHouse.ModeFor(containment)) with { Limits = limits });
        Assert.Equal((RunEndReason.ResourceLimit, RunLimit.Memory), (end.Reason, end.Limit));
        Assert.Equal(RunEndReason.Exited, (await house.EndOfAsync(neighbour)).Reason);
    }

    [Fact]
    public async Task A_run_that_computes_for_too_long_is_ended_ended_processes_counted()
    {
        await using var house = new RunnerHouse();
        var client = await house.AttachAsync();
        const string spin = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done";
        var (end, _, _) = await house.RunAsync(client, house.Shell($"while :; do sh -c '{spin}'; done") with { Limits = new RunLimits { CpuTime = TimeSpan.FromSeconds(1) } });
        Assert.Equal((RunEndReason.ResourceLimit, RunLimit.CpuTime), (end.Reason, end.Limit));
        Assert.InRange(end.Duration, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(50));
    }

    [Theory]
    [MemberData(nameof(Containments))]
    public async Task A_file_grows_to_the_limit_and_no_further_and_whoever_writes_on_is_ended(string containment)
    {
        await using var house = new RunnerHouse(containment);
        var client = await house.AttachAsync();
        var file = Path.Combine(house.Work, "large");
        var (end, _, stderr) = await house.RunAsync(client, house.Shell("ulimit -c; exec head -c 5000000 /dev/zero > large", RunnerHouse.ModeFor(containment)) with { Limits = new RunLimits { FileBytes = 1 << 20 } });
        Assert.True((end.Reason, end.Signal) == (RunEndReason.Exited, "SIGXFSZ"), $"{end} {stderr}");
        Assert.Equal(1 << 20, new FileInfo(file).Length);
    }

    [Theory]
    [MemberData(nameof(Containments))]
    public async Task A_run_within_its_limits_does_not_notice_them(string containment)
    {
        await using var house = new RunnerHouse(containment);
        var client = await house.AttachAsync();
        var limits = new RunLimits { MemoryBytes = 1L << 30, Processes = 50, CpuTime = TimeSpan.FromMinutes(1), FileBytes = 1 << 20 };
        var start = house.Shell("echo \"$0 $1\"; sleep 0.6; exit 7", RunnerHouse.ModeFor(containment)) with { Limits = limits };
        var (end, stdout, stderr) = await house.RunAsync(client, start with { Arguments = [.. start.Arguments, "a b", "$(id)"] });
        Assert.Equal((RunEndReason.Exited, 7, "a b $(id)\n", "", null), (end.Reason, end.ExitCode, stdout, stderr, end.Limit));
    }

    [Theory]
    [InlineData("7 (sh) S 5 7 7 0 -1 4194560 1 2 3 4 10 20 30 40 20 0 1 0 99 1000 250 18446744073709551615 1 1", 5, 100, 250)]
    [InlineData("7 (a) b (c) R 1 7 7 0 -1 4194560 1 2 3 4 1 0 0 0 20 0 1 0 99 1000 3 1", 1, 1, 3)]
    [InlineData("7 (cut", 0, 0, 0)]
    [InlineData("", 0, 0, 0)]
    public void A_line_of_figures_is_read_whatever_the_name_of_the_program_is(string line, int parent, long ticks, long pages) =>
        Assert.Equal(new UsageTable.Entry(parent, ticks, pages), UsageTable.Parse(Encoding.ASCII.GetBytes(line)));

    [Fact]
    public void The_first_limit_that_is_passed_is_named_and_one_that_is_reached_is_none()
    {
        var limits = new RunLimits { MemoryBytes = 10, Processes = 2, CpuTime = TimeSpan.FromSeconds(3) };
        Assert.Null(limits.FirstBeyond(new TreeUsage(2, 10, TimeSpan.FromSeconds(3))));
        Assert.Equal(RunLimit.Memory, limits.FirstBeyond(new TreeUsage(3, 11, TimeSpan.FromSeconds(4))));
        Assert.Equal(RunLimit.CpuTime, limits.FirstBeyond(new TreeUsage(1, 1, TimeSpan.FromSeconds(4))));
        Assert.Null(RunLimits.None.FirstBeyond(new TreeUsage(int.MaxValue, long.MaxValue, TimeSpan.MaxValue)));
    }
}

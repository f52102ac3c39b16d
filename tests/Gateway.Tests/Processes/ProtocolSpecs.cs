using System.Text.Json;
using Gateway.Processes.Runner;
using Gateway.Processes.Sandbox;
using Gateway.Processes.Spool;
using Xunit;

namespace Gateway.Tests.Processes;

/// <summary>The two halves of the protocol are written twice, by the serializer and by hand; here they meet with every member set.</summary>
public sealed class ProtocolSpecs
{
    private static readonly RunId Id = new(Guid.NewGuid(), 3);

    private static readonly RunEnd End = new()
    {
        Reason = RunEndReason.OutputLimit, Limit = RunLimit.FileSize, ExitCode = 137, Signal = "SIGKILL", StartedAt = DateTimeOffset.UnixEpoch.AddTicks(1234567), EndedAt = DateTimeOffset.UnixEpoch.AddDays(1),
        Duration = TimeSpan.FromTicks(987654321012), StdoutBytes = 1L << 40, StderrBytes = 2, DroppedBytes = 3, Truncated = true, StdinFullyRead = false, StartError = "\"ü\n",
    };

    [Fact]
    public void The_runner_reads_every_member_that_the_worker_writes()
    {
        var request = new RunnerRequest
        {
            Kind = RequestKind.Start, Sequence = 7, Version = 2, StdinFile = "f", SecretVariable = "V", SecretValue = [0, 1, 255], Runs = [Id], Span = TimeSpan.FromDays(2.5),
            Spec = new RunSpec
            {
                Id = Id, Program = "/p", Arguments = ["", "ü\n\"", "\U0001F600"], Environment = new Dictionary<string, string> { ["A"] = "b=c" }, WorkingDirectory = "/w",
                WorkingDirectoryIdentity = new(ulong.MaxValue, 1UL << 60),
                Timeout = TimeSpan.FromHours(30), IdleTimeout = Timeout.InfiniteTimeSpan, Deadline = TimeSpan.FromTicks(1), StopGrace = TimeSpan.Zero, OutputCapBytes = long.MaxValue,
                Sandbox = new RunSandbox { Mode = SandboxMode.Workspace, WritablePaths = ["/a"], ReadOnlyPaths = ["/b", "/c"], Pins = ["1:2 /a"] },
                Limits = new RunLimits { MemoryBytes = 1L << 40, Processes = 9, CpuTime = TimeSpan.FromTicks(7), FileBytes = 1L << 41 },
            },
        };
        var sent = JsonSerializer.SerializeToUtf8Bytes(request, RunnerJson.Default.RunnerRequest);
        var read = ServerJson.ReadRequest(sent);
        Assert.Equivalent(request, read, strict: true);
        Assert.Equal(sent, JsonSerializer.SerializeToUtf8Bytes(read, RunnerJson.Default.RunnerRequest));
        var bare = new RunnerRequest { Kind = RequestKind.Hello };
        Assert.Equivalent(bare, ServerJson.ReadRequest(JsonSerializer.SerializeToUtf8Bytes(bare, RunnerJson.Default.RunnerRequest)), strict: true);
    }

    [Fact]
    public void The_worker_reads_every_member_that_the_runner_writes()
    {
        var reply = new RunnerReply
        {
            Kind = ReplyKind.Welcome, Sequence = 9, Error = "e", WorkerId = Guid.NewGuid(), Epoch = 12, Info = new RunnerInfo(5, "1.2.3", "sweep"),
            Runs = [new RunState { Id = Id, StartedAt = DateTimeOffset.UnixEpoch, StdoutBytes = 4, StderrBytes = 5, End = End }, new RunState { Id = Id }],
        };
        var read = JsonSerializer.Deserialize(ServerJson.Write(reply), RunnerJson.Default.RunnerReply);
        Assert.Equivalent(reply, read, strict: true);
        Assert.Equal(reply.Runs, read?.Runs);
        Assert.Equal(End, JsonSerializer.Deserialize(ServerJson.Write(End), RunnerJson.Default.RunEnd));
        var identity = new RunnerIdentity(Guid.NewGuid(), 44);
        Assert.Equal(identity, ServerJson.ReadIdentity(ServerJson.Write(identity)));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"kind\":\"Dance\",\"sequence\":1,\"version\":1,\"span\":\"00:00:00\"}")]
    [InlineData("{\"kind\":\"Stop\",\"sequence\":\"1\",\"version\":1,\"span\":\"00:00:00\"}")]
    [InlineData("{\"kind\":\"Stop\",\"sequence\":1,\"version\":1,\"span\":\"soon\"}")]
    [InlineData("{\"kind\":")]
    public void What_is_no_request_is_refused_as_such(string json) =>
        Assert.Throws<InvalidDataException>(() => ServerJson.ReadRequest(System.Text.Encoding.UTF8.GetBytes(json)));
}

using Gateway.EndToEndTests.Behaviours;
using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>Time limits end a run by name and free its slot.</summary>
public sealed class TimeoutSpecs : GatewayHouse
{
    [Fact]
    public async Task A_run_longer_than_its_wall_clock_ends_with_its_tree()
    {
        var gateway = await StartAsync(("Worker:Slots", "1"), ("Worker:CancelGrace", "00:00:01"));

        var job = await gateway.Client.RunAsync("[[fake: ignore-term; print before; grandchild; tick 100 100000]]", ("timeoutMs", 1500));

        Assert.Equal(("failed", "timeout", 124), (job.Status, job.FailureKind, job.ExitCode));
        Assert.False(job.Failure!.Value.GetProperty("retryable").GetBoolean());
        Assert.Contains("before\n", (await gateway.Client.RawAsync(job.Id)).Stdout, StringComparison.Ordinal);
        Assert.Empty(ProcessTable.Of(PublicId.Read(job.Id)));
        Assert.Equal("completed", (await gateway.Client.RunAsync("the slot is free")).Status);
    }

    [Fact]
    [Trait("tier", "slow")]
    [Behaviour(24)]
    public async Task A_silent_run_ends_and_one_that_says_something_lives()
    {
        var gateway = await StartAsync();
        var silent = await gateway.Client.SubmitAsync("[[fake: hang]]", ("idleTimeoutMs", 30_000));
        var ticking = await gateway.Client.SubmitAsync("[[fake: tick 5000 7; answer lived]]", ("idleTimeoutMs", 30_000));

        var ended = await gateway.Client.EndAsync(silent.Id);
        var lived = await gateway.Client.EndAsync(ticking.Id);

        Assert.Equal(("failed", "idle_timeout", 125), (ended.Status, ended.FailureKind, ended.ExitCode));
        Assert.InRange(ended.Json.GetProperty("durationMs").GetInt64(), 29_000, 40_000);
        Assert.Equal(("completed", "lived"), (lived.Status, await gateway.Client.AnswerAsync(lived.Id)));
    }

    [Fact]
    public async Task The_wall_clock_goes_on_while_the_gateway_is_away()
    {
        var gateway = await StartAsync();
        var job = await gateway.Client.SubmitAsync($"[[fake: log {At("log")}; hang]]", ("timeoutMs", 3000));
        await Wait.LinesAsync(At("log"), 1);

        await gateway.KillAsync();
        await Wait.UntilAsync(() => ProcessTable.Of(PublicId.Read(job.Id)).Count == 0, "the runner ended the run");
        await gateway.StartAsync();

        var end = await gateway.Client.EndAsync(job.Id);
        Assert.Equal(("failed", "timeout", 1), (end.Status, end.FailureKind, end.Attempt));
    }
}

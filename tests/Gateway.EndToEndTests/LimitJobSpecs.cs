using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests;

/// <summary>Limits of the provider and of the machine, through the whole house.</summary>
public sealed class LimitJobSpecs : GatewayHouse
{
    [Fact]
    public async Task A_job_that_meets_a_usage_limit_is_parked_and_goes_on_in_its_conversation_when_it_ends()
    {
        var gateway = await StartAsync(("Parking:Spread", "00:00:00"));
        var job = await gateway.Client.SubmitAsync("[[fake: @1 api-error usage-limit 12; @2+ answer here I am]]", ("maxAttempts", 1));
        await Wait.UntilAsync(async () => (await gateway.Client.StatusAsync(job.Id)).Status == "parked", "it is parked");
        var behind = await gateway.Client.SubmitAsync("[[fake: answer behind]]");
        var hasty = await gateway.Client.RunAsync("[[fake: answer never]]", ("onUsageLimit", "fail"));

        Assert.Equal(("failed", "usage_limit"), (hasty.Status, hasty.FailureKind));
        Assert.Equal("queued", (await gateway.Client.StatusAsync(behind.Id)).Status);
        var end = await gateway.Client.EndAsync(job.Id);
        Assert.True(end is { Status: "completed", Attempt: 2 }, end.ToString());
        Assert.Equal("here I am", await gateway.Client.AnswerAsync(job.Id));
        Assert.Equal("completed", (await gateway.Client.EndAsync(behind.Id)).Status);
    }

    [Theory]
    [InlineData("alloc 400; hang", "RunLimits:MemoryBytes", "134217728")]
    [InlineData("child 1000; child 1000; child 1000; child 1000; child 1000; child 1000; child 1000; child 1000; child 1000; child 1000; hang", "RunLimits:Processes", "8")]
    [InlineData("shell yes > /dev/null; hang", "RunLimits:CpuTime", "00:00:02")]
    public async Task A_run_that_takes_too_much_of_the_machine_fails_and_says_of_what(string steps, string setting, string value)
    {
        var gateway = await StartAsync((setting, value));
        var job = await gateway.Client.RunAsync($"[[fake: {steps}]]", ("maxAttempts", 1));

        Assert.True((job.Status, job.FailureKind) == ("failed", "resource_limit"), job.ToString());
        Assert.Contains(setting, job.FailureMessage, StringComparison.Ordinal);
        Assert.Equal("completed", (await gateway.Client.RunAsync("[[fake: answer fine]]")).Status);
    }
}

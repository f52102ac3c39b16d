using Gateway.EndToEndTests.Support;
using Xunit;

namespace Gateway.EndToEndTests.Operators;

/// <summary>What a stop writes into the log.</summary>
public sealed class StopLogSpecs : GatewayHouse
{
    [Fact]
    public async Task Commands_that_wait_at_a_stop_are_a_line_each_and_no_error()
    {
        var gateway = await StartAsync(("Worker:Slots", "1"));
        for (var i = 0; i < 4; i++)
        {
            await gateway.Client.SubmitAsync($"[[fake: hang]] {i}");
        }

        await Wait.UntilAsync(() => gateway.Store.Jobs().Count(job => job.State == "Running") == 1, "one runs, the others wait");
        // Those that are released stand in the worker; the dispatcher may not have come to the rest.
        await Wait.UntilAsync(() => gateway.Store.Count("Outbox") > 0, "commands wait");
        Assert.Equal(0, await gateway.StopAsync());

        Assert.Contains("waited for a slot at the stop", gateway.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("R-FAULT", gateway.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", gateway.Log, StringComparison.Ordinal);
    }
}

using Gateway.Tests.Execution.Doubles;
using Xunit;

namespace Gateway.Tests.Execution.Runs;

public sealed class DrainSpecs
{
    [Theory]
    [InlineData("Handover", 30)]
    [InlineData("Evacuate", 30 + 600 + 5 + 10)]
    public async Task A_stop_is_given_the_time_that_it_may_take(string drain, int seconds)
    {
        await using var worker = await WorkerHost.StartAsync(new FakeControlPlane(), ("Worker:Drain", drain), ("Worker:SoftStop", "00:10:00"));

        Assert.Equal(TimeSpan.FromSeconds(seconds), worker.StopTime);
    }
}

using Gateway.Jobs.Approvals;
using Gateway.Jobs.Dispatch;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xunit;

namespace Gateway.Tests.Jobs;

/// <summary>The policies come from the host. One that forgets them does not start, instead of letting all pass.</summary>
public sealed class HostPolicySpecs : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(typeof(IPolicyInForce))]
    [InlineData(typeof(IRunningCaps))]
    public async Task A_host_that_forgets_the_policies_or_their_caps_does_not_start(Type forgotten)
    {
        Assert.DoesNotContain(new ServiceCollection().AddGatewayJobs(), service => service.ServiceType == forgotten);
        await using var jobs = new EmbeddedJobs(folder, configure: services => services.RemoveAll(forgotten));

        var problem = await Assert.ThrowsAsync<InvalidOperationException>(jobs.StartAsync);

        Assert.Contains(forgotten.FullName!, problem.Message, StringComparison.Ordinal);
    }
}

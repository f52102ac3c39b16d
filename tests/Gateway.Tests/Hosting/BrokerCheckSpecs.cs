using Gateway.Hosting.Health;
using MassTransit;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit;

namespace Gateway.Tests.Hosting;

public sealed class BrokerCheckSpecs
{
    [Theory]
    [InlineData(HealthStatus.Healthy, "Healthy - ready", "Healthy - ready", false, HealthStatus.Healthy)]
    [InlineData(HealthStatus.Degraded, "Healthy - ready", "Degraded - stopped", false, HealthStatus.Degraded)]
    [InlineData(HealthStatus.Degraded, "Degraded - stopped", "Degraded - stopped", false, HealthStatus.Unhealthy)]
    [InlineData(HealthStatus.Degraded, "Healthy - ready", "Degraded - stopped", true, HealthStatus.Unhealthy)]
    [InlineData(HealthStatus.Unhealthy, "Unhealthy - not ready", "Unhealthy - not ready", false, HealthStatus.Unhealthy)]
    public async Task A_degraded_bus_is_not_ready_when_its_connection_is_gone(HealthStatus said, string one, string other, bool lost, HealthStatus told)
    {
        var problem = lost ? new InvalidOperationException("outer", new ConnectionException("gone")) : null;
        var data = new Dictionary<string, object> { ["Endpoints"] = new Dictionary<string, string> { ["a"] = one, ["b"] = other } };
        var check = new BrokerCheck(new Says(new HealthCheckResult(said, "words", problem, data)));

        Assert.Equal(told, (await check.CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken)).Status);
    }

    private sealed class Says(HealthCheckResult result) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(result);
    }
}

using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Gateway.Hosting.Health;

/// <summary>Not ready before the host has started, and not any more from the moment it is told to stop.</summary>
internal sealed class HostStateCheck(IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        lifetime.ApplicationStopping.IsCancellationRequested ? HealthReason.Unhealthy("The process is stopping: it takes nothing new.")
        : lifetime.ApplicationStarted.IsCancellationRequested ? HealthCheckResult.Healthy()
        : HealthReason.Unhealthy("The process is starting."));
}

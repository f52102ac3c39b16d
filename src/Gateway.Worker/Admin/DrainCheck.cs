using Gateway.Execution.Runs;
using Gateway.Hosting.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gateway.Worker.Admin;

/// <summary>Not ready any more from the moment the worker is drained.</summary>
internal sealed class DrainCheck(WorkerDrain drain) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(drain.HasBegun ? HealthReason.Unhealthy("The worker is drained: it takes nothing new.") : HealthCheckResult.Healthy());
}

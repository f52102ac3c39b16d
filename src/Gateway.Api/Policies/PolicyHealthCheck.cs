using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gateway.Api.Policies;

/// <summary>Degraded, and still ready, while the files on disk are not those in force. The reason is for everybody and names no file.</summary>
internal sealed class PolicyHealthCheck(PolicyBook book) : IHealthCheck
{
    private const string Reason = "The policy files were edited and have faults; the policies from before are in force. The log of the gateway names the faults.";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        book.Faults.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(Reason, data: new Dictionary<string, object> { ["reason"] = Reason }));
}

using System.Collections;
using MassTransit;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gateway.Hosting.Health;

/// <summary>
/// The bus's own check, with the truth about a lost connection: a bus whose broker is gone can call itself degraded for as long as its
/// endpoints try again. One endpoint that is away alone, such as one whose queue was deleted, leaves the host ready.
/// </summary>
/// <param name="bus">The bus's own check.</param>
public sealed class BrokerCheck(IHealthCheck bus) : IHealthCheck
{
    private const string Endpoints = "Endpoints";

    /// <inheritdoc />
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var said = await bus.CheckHealthAsync(context, cancellationToken);
        return said.Status == HealthStatus.Degraded && (IsConnectionLost(said.Exception) || !HasHealthyEndpoint(said.Data))
            ? new HealthCheckResult(HealthStatus.Unhealthy, said.Description, said.Exception, said.Data)
            : said;
    }

    private static bool IsConnectionLost(Exception? problem)
    {
        for (var one = problem; one is not null; one = one.InnerException)
        {
            if (one is ConnectionException)
            {
                return true;
            }
        }

        return false;
    }

    // Each is told in words that begin with its status.
    private static bool HasHealthyEndpoint(IReadOnlyDictionary<string, object> data) =>
        data.GetValueOrDefault(Endpoints) is IEnumerable endpoints
        && endpoints.OfType<object>().Any(one => one.ToString()?.Contains(", Healthy", StringComparison.Ordinal) == true);
}

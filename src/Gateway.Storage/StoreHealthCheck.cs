using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gateway.Storage;

/// <summary>Whether the store answers.</summary>
public sealed class StoreHealthCheck : IHealthCheck
{
    private readonly IDbContextFactory<GatewayDb> contexts;

    /// <summary>Creates the check.</summary>
    /// <param name="contexts">Makes contexts.</param>
    public StoreHealthCheck(IDbContextFactory<GatewayDb> contexts) => this.contexts = contexts;

    /// <inheritdoc />
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await db.Database.ExecuteSqlRawAsync("SELECT 1", cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception problem) when (StoreFaults.IsStoreFault(problem))
        {
            return HealthCheckResult.Unhealthy("The store cannot be reached.", problem);
        }
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gateway.Storage;

/// <summary>Whether the store answers, and with the newest schema. The reason is for everybody and names no file, host or user.</summary>
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
            if (IsFileGone(db))
            {
                return Unhealthy("The database file is gone.");
            }

            var pending = await db.Database.GetPendingMigrationsAsync(cancellationToken);
            return pending.Any() ? Unhealthy("The database has an older schema than this program.") : HealthCheckResult.Healthy();
        }
        catch (Exception problem) when (StoreFaults.IsStoreFault(problem))
        {
            return Unhealthy("The store cannot be reached.", problem);
        }
    }

    // Open connections go on in a file that was deleted under them, and what they write is lost; a new one would make an empty file.
    private static bool IsFileGone(GatewayDb db) => db.Database.IsSqlite() && !File.Exists(db.Database.GetDbConnection().DataSource);

    private static HealthCheckResult Unhealthy(string reason, Exception? problem = null) =>
        new(HealthStatus.Unhealthy, reason, problem, new Dictionary<string, object> { ["reason"] = reason });
}

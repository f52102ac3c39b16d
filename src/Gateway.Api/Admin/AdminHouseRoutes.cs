using System.Text.Json;
using Gateway.Hosting.Health;
using Gateway.Jobs.Administration;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Leases;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gateway.Api.Admin;

/// <summary>The state of the house.</summary>
internal sealed class AdminHouseRoutes(JobAdministration jobs, IAuditStore audit, AuditSealer sealer, IStoreClock time, HealthCheckService checks)
{
    public async Task StatusAsync(HttpContext context)
    {
        var report = await checks.CheckHealthAsync(HealthChecks.IsForReady, context.RequestAborted);
        var (health, outbox) = await jobs.ReadStatusAsync(context.RequestAborted);
        var sealing = await audit.ReadFiguresAsync(time.GetUtcNow(), context.RequestAborted);
        var status = new AdminStatus(
            typeof(AdminHouseRoutes).Assembly.GetName().Version?.ToString(3) ?? "",
            report.Status != HealthStatus.Unhealthy,
            Of(report),
            health.Backend,
            health.RunningByProvider.Values.Sum(),
            health.QueuedByProvider.Values.Sum(),
            health.Workers.Sum(worker => worker.Slots),
            health.Workers,
            outbox,
            new AdminSeal(sealing.Sealed, sealing.Waiting, sealing.OldestWaitingSeconds, sealer.Fault));
        await AdminReply.WriteAsync(context, status, AdminJson.Default.AdminStatus);
    }

    private static JsonElement Of(HealthReport report)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            HealthBody.Write(json, report);
        }

        return JsonElement.Parse(buffer.ToArray());
    }
}

using System.Text.Json;
using Gateway.Api.Mcp.Catalogue;
using Gateway.Api.Mcp.Tools;
using Gateway.Contracts.Values;
using Gateway.Hosting.Health;
using Gateway.Jobs.Administration;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Reading;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Admin;

/// <summary>The state of the house.</summary>
internal sealed class AdminHouseRoutes(JobAdministration jobs, IAuditStore audit, AuditSealer sealer, JobReader reader, IStoreClock time, HealthCheckService checks, IOptions<GatewayMcpOptions> options)
{
    public async Task StatusAsync(HttpContext context)
    {
        var report = await checks.CheckHealthAsync(HealthChecks.IsForReady, context.RequestAborted);
        var (health, outbox) = await jobs.ReadStatusAsync(context.RequestAborted);
        var sealing = await audit.ReadFiguresAsync(time.GetUtcNow(), context.RequestAborted);
        var clis = await reader.ReadClisAsync(context.RequestAborted);
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
            new AdminSeal(sealing.Sealed, sealing.Waiting, sealing.OldestWaitingSeconds, sealer.Fault),
            health.Parked,
            options.Value.RunLimits,
            [.. AgentClis.All.Select(cli => CliDrift.Of(cli, clis))]);
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

using System.Text.Json;
using Gateway.Hosting.Health;
using Gateway.Jobs.Administration;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gateway.Api.Admin;

/// <summary>The state of the house, and the messages that nobody could take.</summary>
internal sealed class AdminHouseRoutes(JobAdministration jobs, HealthCheckService checks)
{
    private const int MostLetters = 500;

    public async Task StatusAsync(HttpContext context)
    {
        var report = await checks.CheckHealthAsync(HealthChecks.IsForReady, context.RequestAborted);
        var (health, outbox) = await jobs.ReadStatusAsync(context.RequestAborted);
        var status = new AdminStatus(
            typeof(AdminHouseRoutes).Assembly.GetName().Version?.ToString(3) ?? "",
            report.Status != HealthStatus.Unhealthy,
            Of(report),
            health.Backend,
            health.RunningByProvider.Values.Sum(),
            health.QueuedByProvider.Values.Sum(),
            health.Workers.Sum(worker => worker.Slots),
            health.Workers,
            outbox);
        await AdminReply.WriteAsync(context, status, AdminJson.Default.AdminStatus);
    }

    public async Task ListAsync(HttpContext context) => await AdminReply.WriteAsync(
        context, new AdminLetters(await jobs.Store.ListDeadAsync(0, MostLetters, context.RequestAborted)), AdminJson.Default.AdminLetters);

    public async Task ShowAsync(HttpContext context) => await (await jobs.Store.FindDeadAsync(SeqOf(context), context.RequestAborted) is { } letter
        ? AdminReply.WriteAsync(context, letter, AdminJson.Default.DeadLetter)
        : AdminReply.NoLetterAsync(context));

    public async Task RedriveAsync(HttpContext context) => await DoneAsync(context, await jobs.Store.RedriveAsync(SeqOf(context), context.RequestAborted));

    public async Task ParkAsync(HttpContext context) => await DoneAsync(context, await jobs.Store.ParkAsync(SeqOf(context), context.RequestAborted));

    private static Task DoneAsync(HttpContext context, bool done) =>
        done ? AdminReply.WriteAsync(context, new AdminDone(true), AdminJson.Default.AdminDone) : AdminReply.NoLetterAsync(context);

    private static long SeqOf(HttpContext context) => long.TryParse(context.Request.RouteValues["seq"] as string, out var seq) ? seq : 0;

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

using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Execution.Runs;
using Gateway.Hosting.Health;
using Gateway.Hosting.Operators;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Worker.Admin;

/// <summary>What an operator can ask of a worker, in the words of the gateway's own door. Each act is in the log with who asked.</summary>
internal sealed partial class WorkerRoutes(
    WorkerDrain drain, IOptions<WorkerOptions> options, HealthCheckService checks, IHostApplicationLifetime lifetime, ILogger<WorkerRoutes> logger)
{
    /// <summary>Maps them.</summary>
    public void Map(WebApplication app)
    {
        app.MapGet("/admin/status", (RequestDelegate)StatusAsync);
        app.MapPost("/admin/worker/drain", (RequestDelegate)DrainAsync);
        app.MapFallback((RequestDelegate)(context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return AnswerAsync(context, new JsonObject { ["error"] = "This is the data folder of a worker, which keeps no jobs and no messages. Ask with the data folder of a gateway." });
        }));
    }

    private async Task StatusAsync(HttpContext context)
    {
        var report = await checks.CheckHealthAsync(HealthChecks.IsForReady, context.RequestAborted);
        using var health = new MemoryStream();
        using (var json = new Utf8JsonWriter(health))
        {
            HealthBody.Write(json, report);
        }

        await AnswerAsync(context, new JsonObject
        {
            ["version"] = typeof(WorkerRoutes).Assembly.GetName().Version?.ToString(3),
            ["ready"] = report.Status != HealthStatus.Unhealthy,
            ["health"] = JsonNode.Parse(health.ToArray()),
            ["worker"] = new JsonObject
            {
                ["name"] = options.Value.Name,
                ["pool"] = options.Value.Pool,
                ["slots"] = drain.HasBegun ? drain.Running : options.Value.Slots,
                ["running"] = drain.Running,
                ["draining"] = drain.HasBegun,
            },
        });
    }

    // Answered when the worker is empty. An operator who does not wait for that changes nothing: a drain that has begun goes on.
    private async Task DrainAsync(HttpContext context)
    {
        var user = AdminSocket.PeerOf(context) ?? -1;
        LogDrain(user);
        var stopped = await drain.DrainAsync(context.RequestAborted);
        await AnswerAsync(context, new JsonObject { ["drained"] = true, ["stopped"] = stopped });
        if (context.Request.Query["stop"] == "true")
        {
            lifetime.StopApplication();
        }
    }

    private static Task AnswerAsync(HttpContext context, JsonObject answer)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(answer.ToJsonString(), context.RequestAborted);
    }

    [LoggerMessage(EventId = 1671, Level = LogLevel.Information, Message = "Operator with user id {UserId} asked for a drain")]
    private partial void LogDrain(int userId);
}

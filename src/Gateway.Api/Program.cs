using Gateway.Api.Auth;
using Gateway.Api.Mcp.Tools;
using Gateway.Api.Startup;
using Gateway.Execution.Runs;
using Gateway.Hosting.Settings;
using Gateway.Hosting.Transports.InMemory;
using Gateway.Jobs;
using Gateway.Jobs.Leases;
using Gateway.Storage;
using Microsoft.Extensions.Options;

// The embedded gateway: API, worker and store in one process; the CLI processes belong to the runner beside it.
return await StartFaults.ExplainAsync(async () =>
{
    var builder = WebApplication.CreateSlimBuilder(args);
    var folder = builder.Configuration.UseGatewayDefaults();
    var key = ApiKey.OpenOrCreate(folder);

    builder.Services
        .AddGatewaySettings()
        .AddGatewayJobs()
        .AddGatewayStorage()
        .AddGatewayInMemoryBus(
            bus =>
            {
                bus.AddGatewayJobs().StoredInGatewayDb();
                bus.ConfigureExecution();
            },
            (context, bus) =>
            {
                bus.ConfigureJobEndpoints(context, (endpoint, inbox) => endpoint.UseGatewayTransactions(context, inbox));
                bus.ConfigureExecutionEndpoints(context, pauseWhenFull: false);
            })
        .AddGatewayOutbox()
        .AddGatewayExecution()
        .AddGatewayAuth(key)
        .AddGatewayMcp()
        .AddGatewayHealth();
    builder.Services.AddOptions<GatewayMcpOptions>()
        .Configure<WorkerStatus>((mcp, worker) => mcp.Isolation = () => worker.Containment);
    builder.Services.AddOptions<LeaseOptions>().Validate<IOptions<WorkerOptions>>(
        (lease, worker) => worker.Value.Fits(lease.Duration),
        "Leases:Duration must hold three times Worker:HeartbeatInterval and Worker:RunnerMargin, or a run would be ended while its worker lives.");
    builder.Logging.AddGatewayConsole();
    builder.AddGatewayListener();

    var app = builder.Build();
    // Before any part asks for its own settings, so that every wrong one is named and not the first alone.
    app.Services.GetRequiredService<IStartupValidator>().Validate();
    app.UseGatewayEdge().MapGatewayMcp();
    app.AnnounceOnStart(key, folder);
    await app.RunAsync();
});

using Gateway.Api.Admin;
using Gateway.Api.Auth;
using Gateway.Api.Startup;
using Gateway.Hosting.Settings;
using Gateway.Hosting.Startup;
using Gateway.Hosting.Telemetry;
using Gateway.Storage;
using Microsoft.Extensions.Options;

// The gateway that callers see. In one process with its worker, or many of it beside workers: GatewayShape decides.
return await StartFaults.ExplainAsync(
    "gateway",
    async () =>
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        var folder = builder.Configuration.UseGatewayDefaults();
        var key = ApiKey.OpenOrCreate(folder);

        builder.Services
            .AddGatewaySettings()
            .AddGatewayJobs()
            .AddGatewayShape(builder.Configuration.TransportOf())
            .AddGatewayAuth(key)
            .AddGatewayMcp()
            .AddGatewayAdmin()
            .AddGatewayHealth();
        builder.Logging.AddGatewayConsole();
        builder.AddGatewayTelemetry("api");
        builder.AddGatewayListener();
        builder.AddAdminSocket(folder);

        var app = builder.Build();
        // Before any part asks for its own settings, so that every wrong one is named and not the first alone.
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        app.UseGatewayEdge().MapGatewayMcp();
        app.MapGatewayAdmin();
        app.AnnounceOnStart(key, folder);
        await app.RunAsync();
    },
    isTold: problem => problem is DatabaseInUseException);

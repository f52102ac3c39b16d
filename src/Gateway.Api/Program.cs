using Gateway.Api.Admin;
using Gateway.Api.Auth;
using Gateway.Api.Edge;
using Gateway.Api.Startup;
using Gateway.Hosting.Settings;
using Gateway.Hosting.Startup;
using Gateway.Storage;

// The gateway that callers see. In one process with its worker, or many of it beside workers: GatewayShape decides.
return await StartFaults.ExplainAsync(
    "gateway",
    async () =>
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        var folder = builder.Configuration.UseGatewayDefaults();
        var key = ApiKey.OpenOrCreate(folder);
        var app = ApiHost.Compose(builder, folder, key);
        app.Services.RefuseUnsafeAddresses();
        app.Services.ValidateSettings();
        app.Services.LoadPolicies();
        app.UseGatewayEdge().MapGatewayMcp();
        app.MapGatewayAdmin();
        app.AnnounceOnStart(key, folder);
        await app.RunToEndAsync();
    },
    isTold: problem => problem is DatabaseInUseException);

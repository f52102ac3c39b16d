using Gateway.Api.Admin;
using Gateway.Api.Auth;
using Gateway.Hosting.Operators;
using Gateway.Hosting.Settings;
using Gateway.Hosting.Startup;
using Gateway.Hosting.Telemetry;

namespace Gateway.Api.Startup;

/// <summary>What the gateway is made of, said once: for its start, and for who only asks whether it would start.</summary>
public static class ApiHost
{
    /// <summary>Every wrong setting of a gateway with these arguments. Nothing is started, and nothing is made.</summary>
    /// <param name="args">Its arguments; files and environment count as at a start.</param>
    public static IReadOnlyList<string> FaultsOf(string[] args) => SettingsCheck.FaultsOf(look =>
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        look(builder.Configuration);
        return Compose(builder, builder.Configuration.ReadGatewayDefaults(), ApiKey.Nobodys);
    });

    internal static WebApplication Compose(WebApplicationBuilder builder, string folder, ApiKey key)
    {
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
        return builder.Build();
    }
}

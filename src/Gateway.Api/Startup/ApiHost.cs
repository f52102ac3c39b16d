using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Api.Admin;
using Gateway.Api.Auth;
using Gateway.Api.Policies;
using Gateway.Contracts.Values;
using Gateway.Hosting.Operators;
using Gateway.Hosting.Settings;
using Gateway.Hosting.Startup;
using Gateway.Hosting.Telemetry;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Startup;

/// <summary>What the gateway is made of, said once: for its start, and for who only asks whether it would start.</summary>
public static class ApiHost
{
    /// <summary>Every wrong setting of a gateway with these arguments. Nothing is started, and nothing is made.</summary>
    /// <param name="args">Its arguments; files and environment count as at a start.</param>
    public static IReadOnlyList<string> FaultsOf(string[] args) => SettingsCheck.FaultsOf(look => Compose(args, look));

    /// <summary>Every setting of a gateway with these arguments, who has set it, and what is odd. Nothing is started, and nothing is made.</summary>
    /// <param name="args">Its arguments; files and environment count as at a start.</param>
    public static SettingsReport ReportOf(string[] args) => SettingsCheck.ReportOf(look => Compose(args, look));

    private static WebApplication Compose(string[] args, Action<IConfigurationManager> look)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        look(builder.Configuration);
        return Compose(builder, builder.Configuration.ReadGatewayDefaults(), ApiKey.Nobodys);
    }

    /// <summary>The policies that a gateway with these arguments would load, as <c>/admin/policy</c> tells them.</summary>
    /// <param name="args">Its arguments; files and environment count as at a start.</param>
    /// <returns>With faults no policy is among them; null where the settings themselves cannot be read.</returns>
    public static JsonObject? PoliciesOf(string[] args)
    {
        try
        {
            var builder = WebApplication.CreateSlimBuilder(args);
            using var host = Compose(builder, builder.Configuration.ReadGatewayDefaults(), ApiKey.Nobodys);
            var book = host.Services.GetRequiredService<PolicyBook>();
            var found = book.Reload() is { } state ? AdminPolicies.Of(state, []) : AdminPolicies.Of(book.Faults);
            return JsonSerializer.SerializeToNode(found, AdminJson.Default.AdminPolicies) as JsonObject;
        }
        catch (Exception problem) when (problem is InvalidOperationException or OptionsValidationException)
        {
            // Among the faults of the settings.
            return null;
        }
    }

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
        builder.Logging.AddGatewayConsole(KeyShapes.Without);
        builder.AddGatewayTelemetry("api");
        builder.AddGatewayListener();
        builder.AddAdminSocket(folder);
        return builder.Build();
    }
}

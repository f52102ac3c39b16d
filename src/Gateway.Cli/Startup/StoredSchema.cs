using Gateway.Cli.Database;
using Gateway.Hosting.Settings;
using Gateway.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Cli.Startup;

/// <summary>The database of a gateway's settings, without the gateway.</summary>
internal static class StoredSchema
{
    /// <summary>Looks, and when told so migrates.</summary>
    public static async Task<SchemaAnswer> AskAsync(string[] settings, bool migrate, CancellationToken cancellationToken)
    {
        try
        {
            using var host = Compose(settings);
            var schema = host.Services.GetRequiredService<DatabaseSchema>();
            var found = await (migrate ? schema.MigrateAsync(cancellationToken) : schema.ReadAsync(cancellationToken));
            return new SchemaAnswer(found.Provider, found.Applied, found.Pending, found.Newer, found.Fault, null);
        }
        catch (OptionsValidationException problem)
        {
            return SchemaAnswer.Refuse(string.Join('\n', ["The settings are wrong:", .. problem.Failures.Select(fault => $"  {fault}")]));
        }
        catch (Exception problem) when (problem is DatabaseInUseException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            return SchemaAnswer.Refuse(problem.Message);
        }
    }

    // Asked, and never started.
    private static IHost Compose(string[] settings)
    {
        var builder = Host.CreateApplicationBuilder(settings);
        builder.Configuration.ReadGatewayDefaults();
        builder.Logging.ClearProviders();
        builder.Services.AddGatewayJobs().AddGatewayStorage().AddSettingsCatalog();
        var host = builder.Build();
        host.Services.ValidateSettings();
        return host;
    }
}

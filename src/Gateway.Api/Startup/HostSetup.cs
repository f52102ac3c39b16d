using Gateway.Api.Auth;
using Gateway.Api.Edge;
using Gateway.Api.Edge.Tls;
using Gateway.Hosting.Health;
using Gateway.Hosting.Startup;
using Gateway.Storage;

namespace Gateway.Api.Startup;

/// <summary>The host's own manners: where it listens, what it says at start, when it is ready.</summary>
internal static class HostSetup
{
    /// <summary>Where a gateway listens when nobody says otherwise: loopback only.</summary>
    public const string DefaultUrl = "http://127.0.0.1:7420";

    private const string DefaultTlsUrl = "https://127.0.0.1:7420";

    private const string EndpointFile = "endpoint";

    /// <summary>Listens on loopback unless <c>--urls</c> or <c>ASPNETCORE_URLS</c> say otherwise.</summary>
    public static void AddGatewayListener(this WebApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.WebHost.GetSetting(WebHostDefaults.ServerUrlsKey)))
        {
            builder.WebHost.UseUrls(string.IsNullOrEmpty(builder.WebHost.GetSetting($"{TlsOptions.Section}:{nameof(TlsOptions.CertificateFile)}")) ? DefaultUrl : DefaultTlsUrl);
        }

        var urls = builder.WebHost.GetSetting(WebHostDefaults.ServerUrlsKey) ?? "";
        builder.Services.Configure<ListenAddresses>(addresses => addresses.Urls = urls);
    }

    /// <summary>Ready when the process takes calls, the bus is connected, and the store answers with the newest schema.</summary>
    public static IServiceCollection AddGatewayHealth(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<StoreHealthCheck>("store", tags: [HealthChecks.ReadyTag]);
        return services.AddHostHealth();
    }

    /// <summary>Once it listens: says where, shows a new key this once, and leaves the address in the data folder for local tools.</summary>
    public static void AnnounceOnStart(this WebApplication app, ApiKey key, string folder)
    {
        var file = Path.Combine(folder, EndpointFile);
        ConsoleLog.Follow(app.Lifetime);
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            var url = app.Urls.First(address => !address.StartsWith("http://unix:", StringComparison.Ordinal)) + "/mcp";
            Leave(file, url + "\n");
            Console.Out.WriteLine($"Gateway listens at {url}");
            if (key.WasCreated)
            {
                Console.Out.WriteLine($"API key, shown this once (kept in {ApiKey.FileName} of the data folder): {key.Text}");
            }
        });
        app.Lifetime.ApplicationStopped.Register(() => File.Delete(file));
    }

    // Like everything in the data folder, for its owner alone.
    private static void Leave(string file, string text)
    {
        using var stream = new FileStream(file, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
    }
}

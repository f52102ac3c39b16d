using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Gateway.Hosting.Health;

/// <summary>Tells whether a host lives and whether it is ready: two questions with two answers.</summary>
public static class HealthChecks
{
    /// <summary>Tag of the checks that <c>/health/ready</c> asks.</summary>
    public const string ReadyTag = "ready";

    /// <summary>Name of the check of the bus; a second connection's has a word behind it.</summary>
    public const string Broker = "broker";

    private const string MassTransitWord = "masstransit";
    private const string BusOfMassTransit = "masstransit-bus";

    /// <summary>Adds the checks that every host has: its own state, and the bus when there is one.</summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddHostHealth(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<HealthOptions>().BindConfiguration(HealthOptions.Section).ValidateOnStart()
            .Validate(IsAddress, "Health:Url must be an http address with a port and nothing behind it, such as http://127.0.0.1:7421.");
        services.AddSingleton<IValidateOptions<HealthOptions>, HealthOptionsValidator>();
        services.AddHealthChecks().AddCheck<HostStateCheck>("host", tags: [ReadyTag]);
        services.AddOptions<HealthCheckServiceOptions>().PostConfigure<IOptions<HealthOptions>>((checks, health) =>
        {
            foreach (var check in checks.Registrations)
            {
                check.Timeout = health.Value.Timeout;
                if (check.Name.Contains(MassTransitWord, StringComparison.Ordinal))
                {
                    var bus = check.Factory;
                    check.Factory = services => new BrokerCheck(bus(services));
                    check.Name = check.Name == BusOfMassTransit ? Broker : check.Name.Replace(MassTransitWord, Broker, StringComparison.Ordinal);
                }
            }
        });

        // The first to start is the last to stop: it tells of the others' start and stop.
        services.Insert(0, ServiceDescriptor.Singleton<Microsoft.Extensions.Hosting.IHostedService, HealthListener>());
        return services.AddHostedService<DrainNotice>();
    }

    /// <summary>Maps <c>/health/live</c> (200 while the process answers at all) and <c>/health/ready</c> (503 with the reasons) for everybody.</summary>
    /// <param name="app">The application.</param>
    public static void MapGatewayHealth(this IEndpointRouteBuilder app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = HealthBody.WriteAsync }).AllowAnonymous();
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = IsForReady, ResponseWriter = HealthBody.WriteAsync }).AllowAnonymous();
    }

    /// <summary>Whether a check counts for readiness.</summary>
    /// <param name="check">The check.</param>
    public static bool IsForReady(HealthCheckRegistration check) => check.Tags.Contains(ReadyTag);

    private static bool IsAddress(HealthOptions options) =>
        options.Url is null || (Uri.TryCreate(options.Url, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttp && url.PathAndQuery == "/" && url.UserInfo.Length == 0);
}

using Gateway.Contracts;
using Gateway.Contracts.Values;
using Gateway.Execution.Runs;
using Gateway.Hosting.Health;
using Gateway.Hosting.Operators;
using Gateway.Hosting.Settings;
using Gateway.Hosting.Startup;
using Gateway.Hosting.Telemetry;
using Gateway.Hosting.Transports;
using Gateway.Hosting.Transports.RabbitMq;
using Gateway.Worker.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Gateway.Worker.Startup;

/// <summary>What a worker is made of, said once: for its start, and for who only asks whether it would start.</summary>
public static class WorkerHost
{
    /// <summary>Every wrong setting of a worker with these arguments. Nothing is started, and nothing is made.</summary>
    /// <param name="args">Its arguments; files and environment count as at a start.</param>
    public static IReadOnlyList<string> FaultsOf(string[] args) => SettingsCheck.FaultsOf(look => Compose(args, look));

    /// <summary>Every setting of a worker with these arguments, who has set it, and what is odd. Nothing is started, and nothing is made.</summary>
    /// <param name="args">Its arguments; files and environment count as at a start.</param>
    public static SettingsReport ReportOf(string[] args) => SettingsCheck.ReportOf(look => Compose(args, look));

    private static IHost Compose(string[] args, Action<IConfigurationManager> look)
    {
        var builder = Host.CreateApplicationBuilder(args);
        look(builder.Configuration);
        builder.Configuration.ReadGatewayDefaults();
        return Compose(builder);
    }

    private static IReadOnlyList<string> RunQueues(IServiceProvider services)
    {
        var pool = services.GetRequiredService<IOptions<WorkerOptions>>().Value.Pool;
        return [.. AgentClis.All.Select(cli => EndpointNames.Run(cli, pool))];
    }

    internal static IHost Compose(HostApplicationBuilder builder)
    {
        builder.Services
            .AddGatewaySettings()
            .AddGatewayRabbitMqBus(
                "worker",
                bus => bus.ConfigureExecution(),
                (context, bus) => bus.ConfigureExecutionEndpoints(context, endpoint => endpoint.UseDurableQueue()))
            .AddGatewayQueuePreflight(RunQueues)
            .AddGatewayHeartbeatConnection("worker")
            .AddSingleton(provider => new HeartbeatBus(provider.GetRequiredService<IHeartbeatConnection>()))
            .AddGatewayExecution()
            .AddHostHealth()
            .AddSingleton<WorkerRoutes>();
        builder.Services.AddHealthChecks().AddCheck<DrainCheck>("worker", tags: [HealthChecks.ReadyTag]);

        // The first to start is the last to stop: a drain that is under way is answered.
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(provider =>
            ActivatorUtilities.CreateInstance<OperatorDoor>(provider, (Action<WebApplication>)provider.GetRequiredService<WorkerRoutes>().Map)));
        builder.Services.AddOptions<TransportOptions>().Validate(
            transport => TransportOptions.KindOf(transport.Kind) != TransportKind.InMemory,
            "Transport:Kind must be RabbitMq: a worker of its own needs a broker between it and the gateway.");
        builder.Logging.AddGatewayConsole(KeyShapes.Without);
        builder.AddGatewayTelemetry("worker");
        return builder.Build();
    }
}

using Gateway.Api.Mcp.Starters;
using Gateway.Api.Mcp.Tools;
using Gateway.Contracts;
using Gateway.Contracts.Values;
using Gateway.Execution.Runs;
using Gateway.Hosting.Transports;
using Gateway.Hosting.Transports.InMemory;
using Gateway.Hosting.Transports.RabbitMq;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Retention;
using Gateway.Storage;
using MassTransit;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Startup;

/// <summary>The two shapes of a gateway: all in one process, or API processes beside workers behind a broker. Chosen here and nowhere else.</summary>
internal static class GatewayShape
{
    /// <summary>Adds store, bus and outbox, and in one process the worker.</summary>
    public static IServiceCollection AddGatewayShape(this IServiceCollection services, TransportKind transport) =>
        (transport == TransportKind.RabbitMq ? services.AddScaleOut() : services.AddEmbedded()).AddWhatHealthTells(transport);

    private static IServiceCollection AddWhatHealthTells(this IServiceCollection services, TransportKind transport)
    {
        services.AddOptions<GatewayMcpOptions>()
            .Configure<IOptions<RetentionOptions>, IOptions<JobsOptions>>((mcp, retention, jobs) =>
            {
                mcp.RetentionDays = (int)retention.Value.Content.TotalDays;
                mcp.DedupWindow = jobs.Value.DedupWindow;
            })
            .Configure<IBusControl>((mcp, bus) =>
            {
                mcp.BrokerKind = transport == TransportKind.RabbitMq ? "rabbitmq" : "in-memory";
                mcp.BrokerConnected = () => bus.CheckHealth().Status == BusHealthStatus.Healthy;
            });
        return services;
    }

    private static IServiceCollection AddEmbedded(this IServiceCollection services)
    {
        services
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
            .AddGatewayExecution();
        services.AddOptions<GatewayMcpOptions>()
            .Configure<WorkerStatus, IOptions<RunLimitOptions>>((mcp, worker, limits) => (mcp.Isolation, mcp.RunLimits) = (() => worker.Containment, limits.Value.InForce()));
        services.AddOptions<LeaseOptions>().Validate<IOptions<WorkerOptions>>(
            (lease, worker) => worker.Value.Fits(lease.Duration),
            "Leases:Duration must hold three times Worker:HeartbeatInterval and Worker:RunnerMargin, or a run would be ended while its worker lives.");
        services.AddOptions<WorkspaceOptions>().Validate<IOptions<WorkerOptions>>(
            (workspaces, worker) => workspaces.Aliases.Values.All(alias => (alias.Pool ?? EndpointNames.DefaultPool) == worker.Value.Pool),
            "Workspaces:Aliases:NAME:Pool must be Worker:Pool where gateway and worker are one process, or jobs in it would wait for ever. Leave it out.");
        services.AddOptions<DispatchOptions>().Configure<IOptions<WorkerOptions>>((dispatch, worker) => dispatch.OwnSlots = worker.Value.Slots);
        return services;
    }

    private static string[] RunQueues => [.. AgentClis.All.Select(cli => EndpointNames.Run(cli, EndpointNames.DefaultPool))];

    private static IServiceCollection AddScaleOut(this IServiceCollection services)
    {
        services
            .AddGatewayStorage(brokerKeepsMessages: true)
            .AddGatewayRabbitMqBus(
                "api",
                bus =>
                {
                    bus.AddGatewayJobs().StoredInGatewayDb();
                    bus.AddGatewayChanges();
                },
                (context, bus) =>
                {
                    bus.ConfigureJobEndpoints(context, (endpoint, inbox) => endpoint.UseGatewayTransactions(context, inbox), endpoint => endpoint.UseDurableQueue());
                    bus.ConfigureChangesEndpoint(context);
                })
            .AddGatewayQueuePreflight(_ => [EndpointNames.JobLifecycle, EndpointNames.Claim, EndpointNames.RunOutput, EndpointNames.Heartbeat, EndpointNames.Transcript])
            .AddGatewayQueues(RunQueues)
            .AddGatewayBrokerDeadLetters([EndpointNames.JobLifecycle, .. RunQueues])
            .AddGatewayOutbox()
            .AddGatewayChangeBroadcast();
        services.AddOptions<TransportOptions>().Validate<StorageProvider>(
            (_, storage) => storage.IsServer,
            "Transport:Kind=RabbitMq needs a database that many processes can share: an embedded one belongs to one process alone. Set Storage:Provider to PostgreSql or SqlServer, or leave Transport:Kind at InMemory.");
        return services;
    }
}

using Gateway.Contracts;
using Gateway.Hosting.Transports.RabbitMq.DeadLetters;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Hosting.Transports.RabbitMq;

/// <summary>The bus of the scale-out shape: the broker keeps the messages, on quorum queues.</summary>
public static class RabbitMqTransport
{
    // What is under way at a stop is worth a moment; a command that waits for a slot goes back to the queue.
    private static readonly TimeSpan ConsumerStopTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Adds the bus. It makes its connections anew by itself, but a start that finds no broker fails and says why.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="role">What the process is: <c>api</c> or <c>worker</c>.</param>
    /// <param name="register">Names consumers and sagas.</param>
    /// <param name="configure">Names the endpoints.</param>
    public static IServiceCollection AddGatewayRabbitMqBus(
        this IServiceCollection services,
        string role,
        Action<IBusRegistrationConfigurator> register,
        Action<IBusRegistrationContext, IRabbitMqBusFactoryConfigurator> configure)
    {
        services.AddStartOptions();
        return services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            register(bus);
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Connect(context, role, "");
                configure(context, rabbit);
            });
        });
    }

    /// <summary>Adds a second connection for heartbeats alone: a channel full of output must not make a worker look dead.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="role">What the process is.</param>
    public static IServiceCollection AddGatewayHeartbeatConnection(this IServiceCollection services, string role)
    {
        services.AddStartOptions();
        return services.AddMassTransit<IHeartbeatConnection>(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.UsingRabbitMq((context, rabbit) => rabbit.Connect(context, role, " heartbeats"));
        });
    }

    /// <summary>Declares queues that this process sends to and does not read.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="queues">Their names.</param>
    public static IServiceCollection AddGatewayQueues(this IServiceCollection services, params IReadOnlyList<string> queues)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<BrokerConnections>();
        return services.AddHostedService(provider => ActivatorUtilities.CreateInstance<QueueKeeper>(provider, queues));
    }

    /// <summary>Fails the start where a queue that this process reads stands with other arguments.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="queues">Names of the queues, asked when the host starts.</param>
    public static IServiceCollection AddGatewayQueuePreflight(this IServiceCollection services, Func<IServiceProvider, IReadOnlyList<string>> queues)
    {
        services.TryAddSingleton<BrokerConnections>();
        return services.AddSingleton<IHostedService>(provider => new QueuePreflight(queues(provider), provider.GetRequiredService<BrokerConnections>()));
    }

    /// <summary>Lets operators look at what nobody could take from these queues, and act on it: <see cref="BrokerDeadLetters"/>.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="queues">Names of the queues, not of the queues of errors beside them.</param>
    public static IServiceCollection AddGatewayBrokerDeadLetters(this IServiceCollection services, params IReadOnlyList<string> queues)
    {
        services.TryAddSingleton<BrokerConnections>();
        return services.AddSingleton(provider => new BrokerDeadLetters(
            queues, provider.GetRequiredService<BrokerConnections>(), provider.GetRequiredService<ILogger<BrokerDeadLetters>>()));
    }

    private static void AddStartOptions(this IServiceCollection services)
    {
        // The variable would win over the code.
        Environment.SetEnvironmentVariable("MASSTRANSIT_USAGE_TELEMETRY", "false");
        services.AddOptions<MassTransitHostOptions>().Configure<IOptions<TransportOptions>>((host, transport) =>
        {
            host.WaitUntilStarted = true;
            host.StartTimeout = transport.Value.RabbitMq.StartTimeout;
            host.ConsumerStopTimeout = ConsumerStopTimeout;
        });
    }

    private static void Connect(this IRabbitMqBusFactoryConfigurator rabbit, IRegistrationContext context, string role, string purpose)
    {
        var options = context.GetRequiredService<IOptions<TransportOptions>>().Value.RabbitMq;
        rabbit.Host(options.Host, options.EffectivePort, options.VirtualHost, $"gateway-{role} on {Environment.MachineName}{purpose}", host =>
        {
            host.Username(options.Username);
            host.Password(RabbitMqRules.PasswordOf(options));
            host.Heartbeat(options.Heartbeat);
            host.PublisherConfirmation = true;
            if (options.Tls)
            {
                host.UseSsl(tls => BrokerTrust.Apply(tls, options));
            }
        });

        // Prompts come back through this queue. It is exclusive, as MassTransit makes queues that expire: not even another process of
        // the same user can read it.
        rabbit.OverrideDefaultBusEndpointQueueName(EndpointNames.Reply(role, Guid.NewGuid()));

        // Else it is made by the first question, and a thread stands still until it is there: as long as the broker is away.
        rabbit.AutoStart = true;
        rabbit.UseMessageLabels($"gateway-{role}");
        rabbit.UseLastingErrors();
    }
}

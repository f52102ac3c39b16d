using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Hosting.Transports.InMemory;

/// <summary>The bus of the embedded shape: queues in memory, durability in the outbox table.</summary>
public static class InMemoryTransport
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    // Commands that wait for a slot would wait for ever: their rows stay, and the next process sends them again.
    private static readonly TimeSpan ConsumerStopTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Adds the bus. MassTransit's usage telemetry is off: by code, and by the variable that would win over the code.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="register">Names consumers and sagas.</param>
    /// <param name="configure">Names the endpoints.</param>
    public static IServiceCollection AddGatewayInMemoryBus(
        this IServiceCollection services,
        Action<IBusRegistrationConfigurator> register,
        Action<IBusRegistrationContext, IInMemoryBusFactoryConfigurator> configure)
    {
        Environment.SetEnvironmentVariable("MASSTRANSIT_USAGE_TELEMETRY", "false");
        services.AddOptions<MassTransitHostOptions>().Configure(options =>
        {
            options.WaitUntilStarted = true;
            options.StartTimeout = StartTimeout;
            options.ConsumerStopTimeout = ConsumerStopTimeout;
        });
        return services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            register(bus);
            bus.UsingInMemory((context, memory) => configure(context, memory));
        });
    }
}

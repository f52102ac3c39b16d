using Microsoft.Extensions.Options;
using RabbitMQ.Client;

namespace Gateway.Hosting.Transports.RabbitMq;

/// <summary>Connections beside the bus's, for what is needed once in a while: each is closed by who has asked for it.</summary>
internal sealed class BrokerConnections(IOptions<TransportOptions> options)
{
    /// <summary>Makes a connection that is not made anew when it breaks.</summary>
    /// <param name="purpose">What stands in the management pages.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<IConnection> OpenAsync(string purpose, CancellationToken cancellationToken)
    {
        var broker = options.Value.RabbitMq;
        var factory = new ConnectionFactory
        {
            HostName = broker.Host,
            Port = broker.EffectivePort,
            VirtualHost = broker.VirtualHost,
            UserName = broker.Username,
            Password = RabbitMqRules.PasswordOf(broker),
            Ssl = BrokerTrust.Of(broker),
            ClientProvidedName = $"gateway {purpose} on {Environment.MachineName}",
            AutomaticRecoveryEnabled = false,
        };
        return factory.CreateConnectionAsync(cancellationToken);
    }
}

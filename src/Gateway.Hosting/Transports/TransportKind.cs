namespace Gateway.Hosting.Transports;

/// <summary>What carries messages, and with it the shape of a gateway.</summary>
public enum TransportKind
{
    /// <summary>Queues in memory: API and worker in one process.</summary>
    InMemory,

    /// <summary>A broker: any number of API and worker processes.</summary>
    RabbitMq,
}

using MassTransit;

namespace Gateway.Hosting.Transports.RabbitMq;

/// <summary>A bus on a connection of its own, for heartbeats and their answers.</summary>
public interface IHeartbeatConnection : IBus;

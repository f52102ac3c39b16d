using MassTransit;

namespace Gateway.Execution.Runs;

/// <summary>
/// The bus for heartbeats. With a broker it has a connection of its own, so that output under way does not delay the sign
/// of life; in memory it is the one bus that there is.
/// </summary>
/// <param name="Bus">The bus.</param>
public sealed record HeartbeatBus(IBus Bus);

namespace Gateway.Hosting.Transports.RabbitMq.DeadLetters;

/// <summary>The broker could not be asked; what was asked for is not done, or not known to be done.</summary>
/// <param name="problem">What the client of the broker said.</param>
public sealed class BrokerUnavailableException(Exception problem) : Exception("The broker could not be reached.", problem);

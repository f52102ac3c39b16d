namespace Gateway.Nemesis.House;

/// <summary><c>build/services</c> could not do what it was asked for; it has said why.</summary>
internal sealed class ServicesException(string message) : Exception(message);

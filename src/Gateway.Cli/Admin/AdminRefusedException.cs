namespace Gateway.Cli.Admin;

/// <summary>The gateway answered that it will not; the message is its own.</summary>
internal sealed class AdminRefusedException(string message) : Exception(message);

namespace Gateway.Cli.Client;

/// <summary>A tool answered with an error; the message is the gateway's own.</summary>
internal sealed class ToolRefusedException(string message) : Exception(message);

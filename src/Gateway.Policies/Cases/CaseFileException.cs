namespace Gateway.Policies.Cases;

/// <summary>A file of cases that cannot be understood; the message says why.</summary>
public sealed class CaseFileException(string message) : Exception(message);

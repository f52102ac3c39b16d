namespace Gateway.Jobs.Audit;

/// <summary>The chain over the audit log is not as the gateway left it; the message says where and what may be done.</summary>
public sealed class AuditBrokenException(string message) : Exception(message);

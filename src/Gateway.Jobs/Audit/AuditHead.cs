namespace Gateway.Jobs.Audit;

/// <summary>A place in the chain over the audit log.</summary>
/// <param name="Seq">How many links there are up to it.</param>
/// <param name="Hash">Hash of the last of them, 64 hex digits; empty before the first.</param>
public sealed record AuditHead(long Seq, string Hash)
{
    /// <summary>Before the first link.</summary>
    public static AuditHead None { get; } = new(0, "");
}

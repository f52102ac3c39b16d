namespace Gateway.Jobs.Audit;

/// <summary>A secret of the audit log.</summary>
/// <param name="Id">Its name, which stands in every record that it made: at most 16 letters and digits.</param>
/// <param name="Secret">The secret: 32 bytes.</param>
public sealed record AuditKey(string Id, byte[] Secret);

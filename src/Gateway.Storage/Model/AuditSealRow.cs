namespace Gateway.Storage.Model;

/// <summary>A link of the chain over the audit log.</summary>
public sealed class AuditSealRow
{
    /// <summary>1, 2, 3 … without a gap.</summary>
    public long Seq { get; init; }

    public long AuditId { get; init; }

    /// <summary>Keyed hash over the link before, this number and the record: 64 lower-case hex digits.</summary>
    public string Hash { get; init; } = null!;

    /// <summary>Which key.</summary>
    public string KeyId { get; init; } = null!;
}

namespace Gateway.Storage.Model;

/// <summary>An end of the chain over the audit log, as a gateway has set it.</summary>
public sealed class AuditAnchorRow
{
    /// <summary><c>start</c> or <c>head</c>.</summary>
    public string Name { get; init; } = null!;

    public long Seq { get; set; }

    /// <summary>Hash of the link.</summary>
    public string Hash { get; set; } = null!;

    /// <summary>Keyed hash of all this.</summary>
    public string Mac { get; set; } = null!;
}

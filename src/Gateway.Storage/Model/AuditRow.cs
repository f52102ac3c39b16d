namespace Gateway.Storage.Model;

/// <summary>One record of the audit log. Never changed, and removed by retention alone.</summary>
public sealed class AuditRow
{
    /// <summary>Given by the database, in the order of writing; a record that commits later may have a lower one.</summary>
    public long AuditId { get; init; }

    public long AtMs { get; init; }

    public string? Tenant { get; init; }

    public string? Grant { get; init; }

    public string Method { get; init; } = null!;

    public string? Tool { get; init; }

    /// <summary><c>allowed</c>, <c>denied</c>, <c>held</c>, or what happened to keys, grants and policies.</summary>
    public string Decision { get; init; } = null!;

    public Guid? JobId { get; init; }

    /// <summary>The whole record as canonical JSON: what is sealed.</summary>
    public string Record { get; init; } = null!;

    /// <summary>Keyed hash of all but the number, with the key's id: set when the row is written.</summary>
    public string Mac { get; set; } = "";
}

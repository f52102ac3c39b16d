namespace Gateway.Jobs.Audit;

/// <summary>What can be wrong with the audit log.</summary>
public static class AuditFaults
{
    /// <summary>A record is not what was written.</summary>
    public const string Changed = "changed";

    /// <summary>A record that was sealed is not there.</summary>
    public const string Missing = "missing";

    /// <summary>A record is there that no gateway wrote, or that it wrote once and is there twice.</summary>
    public const string Inserted = "inserted";

    /// <summary>An end of the chain is not as the gateway left it.</summary>
    public const string Cut = "cut";

    /// <summary>A key is needed that this gateway does not have.</summary>
    public const string UnknownKey = "unknown_key";
}

namespace Gateway.Jobs.Audit;

/// <summary>What a record of the audit log says of its act.</summary>
public static class AuditDecisions
{
    /// <summary>It was let through.</summary>
    public const string Allowed = "allowed";

    /// <summary>It was refused.</summary>
    public const string Denied = "denied";

    /// <summary>It waits for a person.</summary>
    public const string Held = "held";

    /// <summary>It has happened; nobody decided about it here.</summary>
    public const string Done = "done";
}

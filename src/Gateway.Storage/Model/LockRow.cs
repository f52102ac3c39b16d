namespace Gateway.Storage.Model;

/// <summary>A row that a transaction changes to be the only one of its kind until it ends.</summary>
public sealed class LockRow
{
    /// <summary>The lock under which the ceiling of waiting jobs is kept.</summary>
    public const string Admission = "admission";

    /// <summary>The lock of the process that gives waiting jobs to workers.</summary>
    public const string Dispatch = "dispatch";

    /// <summary>No lock: until when some process has judged the leases.</summary>
    public const string Leases = "leases";

    /// <summary>The lock under which one process at a time removes what is too old.</summary>
    public const string Retention = "retention";

    /// <summary>The lock under which one process at a time seals the audit log, or removes from it.</summary>
    public const string Audit = "audit";

    public string Name { get; init; } = null!;

    /// <summary>How often it was taken.</summary>
    public long Taken { get; set; }

    /// <summary>The process that has it beyond its transaction; null for none.</summary>
    public Guid? Holder { get; set; }

    /// <summary>Until then, Unix milliseconds.</summary>
    public long UntilMs { get; set; }
}

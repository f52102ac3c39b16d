namespace Gateway.Jobs.Audit;

/// <summary>Where a gateway remembers the end of the chain away from the database, so that a cut one is noticed. Implemented by the host with a file, and by tests.</summary>
public interface IAuditMemory
{
    /// <summary>The end that was last seen; null for none yet.</summary>
    AuditHead? Read();

    /// <summary>Remembers an end.</summary>
    /// <param name="head">The end.</param>
    void Keep(AuditHead head);
}

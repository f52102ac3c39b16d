namespace Gateway.Jobs.Audit;

/// <summary>The audit log. What changes rows of the store is recorded in the transaction of the change; this is for all else. Implemented by Storage.</summary>
public interface IAuditLog
{
    /// <summary>Writes a record in a transaction of its own. What it records must not be done, or said, before it is written.</summary>
    /// <param name="record">The record.</param>
    /// <param name="cancellationToken">Ends the attempt to write.</param>
    /// <exception cref="StoreUnavailableException">It is not written.</exception>
    Task AppendAsync(AuditRecord record, CancellationToken cancellationToken);
}

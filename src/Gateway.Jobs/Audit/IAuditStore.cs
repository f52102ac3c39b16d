namespace Gateway.Jobs.Audit;

/// <summary>The audit log as who looks after it sees it. Implemented by Storage.</summary>
public interface IAuditStore
{
    /// <summary>Becomes the one process that seals, or stays it.</summary>
    /// <param name="process">This process.</param>
    /// <param name="now">Store clock.</param>
    /// <param name="until">End of the new term.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>False when another process is it.</returns>
    Task<bool> HoldAsync(Guid process, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>Puts the oldest records that are not in the chain behind its end, in one commit.</summary>
    /// <param name="process">This process, which must still be the one that seals.</param>
    /// <param name="floor">Records up to this number are known to be in the chain.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="cancellationToken">Ends the writing; nothing is sealed then.</param>
    /// <returns>Numbers of the sealed records; null when another process seals.</returns>
    /// <exception cref="AuditBrokenException">The end of the chain is not as the gateway left it, or was made under a key that this gateway does not have.</exception>
    Task<IReadOnlyList<long>?> SealAsync(Guid process, long floor, int most, CancellationToken cancellationToken);

    /// <summary>Both ends of the chain; one that was never set is left out.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<AuditAnchor>> ReadAnchorsAsync(CancellationToken cancellationToken);

    /// <summary>Links in their order, with their records; a record that is not there is null.</summary>
    /// <param name="after">Behind this one.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<(AuditLink Link, AuditEntry? Entry)>> ReadChainAsync(long after, int most, CancellationToken cancellationToken);

    /// <summary>Highest number of a record that is in the chain; 0 for none.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<long> ReadSealedUpToAsync(CancellationToken cancellationToken);

    /// <summary>Records that are in no link, oldest first.</summary>
    /// <param name="after">Behind this number.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<AuditEntry>> ReadLooseAsync(long after, int most, CancellationToken cancellationToken);

    /// <summary>Numbers of records that say word for word what an older one says: no gateway writes one twice.</summary>
    /// <param name="after">Behind this number.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<long>> FindCopiesAsync(long after, int most, CancellationToken cancellationToken);

    /// <summary>How far sealing is.</summary>
    /// <param name="now">Store clock.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<AuditFigures> ReadFiguresAsync(DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Records that fit a filter.</summary>
    /// <param name="filter">Which, and in which order.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<AuditEntry>> ListAsync(AuditFilter filter, CancellationToken cancellationToken);
}

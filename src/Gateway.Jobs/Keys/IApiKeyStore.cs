using Gateway.Jobs.Audit;

namespace Gateway.Jobs.Keys;

/// <summary>The keys of callers. Implemented by Storage. Everything throws <see cref="StoreUnavailableException"/> when the store is away.</summary>
public interface IApiKeyStore
{
    /// <summary>The key with a prefix, revoked and expired ones included: one statement, whether there is such a key or not.</summary>
    /// <param name="prefix">The prefix.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<StoredKey?> FindAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>All keys, newest first.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<IReadOnlyList<StoredKey>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Keeps a new key, and the record of it: one commit, as with every act here.</summary>
    /// <param name="key">The key.</param>
    /// <param name="record">The record.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    Task InsertAsync(StoredKey key, AuditRecord record, CancellationToken cancellationToken);

    /// <summary>Puts a new key beside an old one, whose end comes no later than a time: one commit.</summary>
    /// <param name="keyId">The old one.</param>
    /// <param name="now">The time.</param>
    /// <param name="oldEndsAt">When the old one ends at the latest.</param>
    /// <param name="successor">Makes the new one of what the old one is.</param>
    /// <param name="record">Makes the record of the new one.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>The new key; null when there is no old one that is valid now.</returns>
    Task<StoredKey?> RotateAsync(Guid keyId, DateTimeOffset now, DateTimeOffset oldEndsAt, Func<StoredKey, StoredKey> successor, Func<StoredKey, AuditRecord> record, CancellationToken cancellationToken);

    /// <summary>Revokes a key; one that is revoked already stays as it is.</summary>
    /// <param name="keyId">The key.</param>
    /// <param name="at">The time.</param>
    /// <param name="record">Makes the record of it.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>The key as it is now; null for an unknown one.</returns>
    Task<StoredKey?> RevokeAsync(Guid keyId, DateTimeOffset at, Func<StoredKey, AuditRecord> record, CancellationToken cancellationToken);

    /// <summary>Notes a use, unless one within the minute before is noted.</summary>
    /// <param name="use">What is noted.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    Task NoteUseAsync(KeyUse use, CancellationToken cancellationToken);
}

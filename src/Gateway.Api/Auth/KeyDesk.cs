using Gateway.Jobs.Audit;
using Gateway.Jobs.Keys;

namespace Gateway.Api.Auth;

/// <summary>Makes, changes and ends keys. A key's text leaves here once, and is kept nowhere.</summary>
internal sealed partial class KeyDesk(IApiKeyStore store, KeyRing ring, Peppers peppers, TimeProvider clock, ILogger<KeyDesk> logger)
{
    public Task<IReadOnlyList<StoredKey>> ListAsync(CancellationToken cancellationToken) => store.ListAsync(cancellationToken);

    /// <summary>A new key.</summary>
    /// <param name="label">What the grants file matches.</param>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="scopes">What it may do.</param>
    /// <param name="lifetime">How long it lives; null for ever.</param>
    /// <param name="by">Who makes it, for the record.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public async Task<(StoredKey Key, string Text)> CreateAsync(string label, string tenant, IReadOnlyList<string> scopes, TimeSpan? lifetime, string by, CancellationToken cancellationToken)
    {
        var (key, text) = New(label, tenant, scopes, lifetime);
        await store.InsertAsync(key, RecordOf(key, AuditMethods.KeyCreated, by), cancellationToken).ConfigureAwait(false);
        LogCreated(key.KeyId, key.Label, key.Tenant);
        return (key, text);
    }

    /// <summary>A new key in place of an old one, which lives on for a while; as long-lived as the old one was made to be.</summary>
    /// <param name="keyId">The old one.</param>
    /// <param name="overlap">How long it lives on at most.</param>
    /// <param name="by">Who does it, for the record.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>The new one; null when there is no old one that is valid.</returns>
    public async Task<(StoredKey Key, string Text)?> RotateAsync(Guid keyId, TimeSpan overlap, string by, CancellationToken cancellationToken)
    {
        var (now, text, prefix) = (clock.GetUtcNow(), "", "");
        var made = await store.RotateAsync(
            keyId,
            now,
            now + overlap,
            old =>
            {
                (var key, text) = New(old.Label, old.Tenant, old.Scopes, old.ExpiresAt - old.CreatedAt);
                prefix = old.Prefix;
                return key;
            },
            key => RecordOf(key, AuditMethods.KeyRotated, by) with { Reason = $"in place of {keyId:N}" },
            cancellationToken).ConfigureAwait(false);
        if (made is null)
        {
            return null;
        }

        ring.Forget(prefix);
        LogRotated(keyId, made.KeyId, overlap);
        return (made, text);
    }

    /// <summary>Ends a key; null for an unknown one.</summary>
    /// <param name="keyId">The key.</param>
    /// <param name="by">Who ends it, for the record.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public async Task<StoredKey?> RevokeAsync(Guid keyId, string by, CancellationToken cancellationToken)
    {
        if (await store.RevokeAsync(keyId, clock.GetUtcNow(), key => RecordOf(key, AuditMethods.KeyRevoked, by), cancellationToken).ConfigureAwait(false) is not { } key)
        {
            return null;
        }

        ring.Forget(key.Prefix);
        LogRevoked(keyId, key.Label, key.Tenant);
        return key;
    }

    private AuditRecord RecordOf(StoredKey key, string method, string by) => new()
    {
        At = clock.GetUtcNow(),
        Tenant = key.Tenant,
        Caller = by,
        Method = method,
        Subject = $"{key.KeyId:N} {key.Label} {string.Join(',', key.Scopes)}",
        Decision = AuditDecisions.Done,
        Duration = TimeSpan.Zero,
    };

    private (StoredKey Key, string Text) New(string label, string tenant, IReadOnlyList<string> scopes, TimeSpan? lifetime)
    {
        var (text, now) = (KeyText.New(), clock.GetUtcNow());
        var hash = peppers.Hash(text);
        var key = new StoredKey
        {
            KeyId = Guid.CreateVersion7(now),
            Prefix = KeyText.PrefixOf(text),
            Hash = hash.Hex,
            PepperId = hash.PepperId,
            Label = label,
            Tenant = tenant,
            Scopes = scopes,
            CreatedAt = now,
            ExpiresAt = now + lifetime,
        };
        return (key, text);
    }

    [LoggerMessage(EventId = 1603, Level = LogLevel.Information, Message = "Key {KeyId} was made, with the label {Label}, for the tenant {Tenant}")]
    private partial void LogCreated(Guid keyId, string label, string tenant);

    [LoggerMessage(EventId = 1604, Level = LogLevel.Information, Message = "Key {KeyId} has the successor {SuccessorId}, and ends in {Overlap} at the latest")]
    private partial void LogRotated(Guid keyId, Guid successorId, TimeSpan overlap);

    [LoggerMessage(EventId = 1605, Level = LogLevel.Information, Message = "Key {KeyId} was revoked: it had the label {Label}, of the tenant {Tenant}")]
    private partial void LogRevoked(Guid keyId, string label, string tenant);
}

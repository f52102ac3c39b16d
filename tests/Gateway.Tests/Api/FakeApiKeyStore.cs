using Gateway.Jobs;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Keys;

namespace Gateway.Tests.Api;

/// <summary>Keys in memory, with a count of what was asked.</summary>
internal sealed class FakeApiKeyStore : IApiKeyStore
{
    private readonly Dictionary<Guid, StoredKey> keys = [];

    public List<string> Asked { get; } = [];

    public List<KeyUse> Uses { get; } = [];

    public List<AuditRecord> Records { get; } = [];

    /// <summary>Whether it cannot be reached.</summary>
    public bool IsAway { get; set; }

    /// <summary>Holds back every reading until it ends.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public async Task<StoredKey?> FindAsync(string prefix, CancellationToken cancellationToken)
    {
        lock (Asked)
        {
            Asked.Add(prefix);
        }

        await Gate;
        return IsAway ? throw new StoreUnavailableException("Away.", new IOException()) : keys.Values.FirstOrDefault(key => key.Prefix == prefix);
    }

    public Task<IReadOnlyList<StoredKey>> ListAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<StoredKey>>([.. keys.Values]);

    public Task InsertAsync(StoredKey key, AuditRecord record, CancellationToken cancellationToken)
    {
        keys.Add(key.KeyId, key);
        Records.Add(record);
        return Task.CompletedTask;
    }

    public Task<StoredKey?> RotateAsync(Guid keyId, DateTimeOffset now, DateTimeOffset oldEndsAt, Func<StoredKey, StoredKey> successor, Func<StoredKey, AuditRecord> record, CancellationToken cancellationToken)
    {
        var old = keys[keyId];
        keys[keyId] = old with { ExpiresAt = oldEndsAt };
        var made = successor(old);
        keys.Add(made.KeyId, made);
        Records.Add(record(made));
        return Task.FromResult<StoredKey?>(made);
    }

    public Task<StoredKey?> RevokeAsync(Guid keyId, DateTimeOffset at, Func<StoredKey, AuditRecord> record, CancellationToken cancellationToken)
    {
        keys[keyId] = keys[keyId] with { RevokedAt = at };
        Records.Add(record(keys[keyId]));
        return Task.FromResult<StoredKey?>(keys[keyId]);
    }

    public Task NoteUseAsync(KeyUse use, CancellationToken cancellationToken)
    {
        lock (Uses)
        {
            Uses.Add(use);
        }

        return Task.CompletedTask;
    }
}

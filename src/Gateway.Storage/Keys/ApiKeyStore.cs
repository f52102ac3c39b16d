using Gateway.Jobs;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Keys;
using Gateway.Jobs.Leases;
using Gateway.SagaPersistence.Writing;
using Gateway.Storage.Audit;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Keys;

/// <summary>The keys of callers in the database.</summary>
internal sealed class ApiKeyStore(IDbContextFactory<GatewayDb> contexts, IWriteGate gate, StoreRetry retry, IStoreClock time) : IApiKeyStore
{
    // Several processes see the same use: one of them writes it.
    private static readonly TimeSpan BetweenUses = TimeSpan.FromMinutes(1);

    private static readonly PerModel<Func<GatewayDb, string, Task<ApiKeyRow?>>> FindByPrefix =
        new(() => EF.CompileAsyncQuery((GatewayDb db, string prefix) => db.ApiKeys.AsNoTracking().FirstOrDefault(k => k.Prefix == prefix)));

    public Task<StoredKey?> FindAsync(string prefix, CancellationToken cancellationToken) => ExplainAsync(() => retry.RunAsync(async _ =>
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await FindByPrefix.For(db)(db, prefix) is { } row ? Of(row) : null;
    }));

    public Task<IReadOnlyList<StoredKey>> ListAsync(CancellationToken cancellationToken) => ExplainAsync<IReadOnlyList<StoredKey>>(async () =>
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return [.. (await db.ApiKeys.AsNoTracking().OrderByDescending(k => k.CreatedAtMs).ThenBy(k => k.KeyId).ToListAsync(cancellationToken)).Select(Of)];
    });

    public Task InsertAsync(StoredKey key, AuditRecord record, CancellationToken cancellationToken) => WriteAsync(
        (db, _) =>
        {
            db.ApiKeys.Add(Of(key));
            db.Audit.Add(AuditRows.Of(record, time.GetUtcNow()));
            return Task.FromResult(true);
        },
        cancellationToken);

    public Task<StoredKey?> RotateAsync(
        Guid keyId, DateTimeOffset now, DateTimeOffset oldEndsAt, Func<StoredKey, StoredKey> successor, Func<StoredKey, AuditRecord> record, CancellationToken cancellationToken) => WriteAsync(
        async (db, token) =>
        {
            var (nowMs, endMs) = (now.ToUnixTimeMilliseconds(), oldEndsAt.ToUnixTimeMilliseconds());
            var old = await FindAsync(db, keyId, token);
            var ended = await db.ApiKeys.Where(k => k.KeyId == keyId && k.RevokedAtMs == null && (k.ExpiresAtMs == null || k.ExpiresAtMs > nowMs))
                .ExecuteUpdateAsync(set => set.SetProperty(k => k.ExpiresAtMs, k => k.ExpiresAtMs == null || k.ExpiresAtMs > endMs ? endMs : k.ExpiresAtMs), token);
            if (old is null || ended == 0)
            {
                return null;
            }

            var made = successor(old);
            db.ApiKeys.Add(Of(made));
            db.Audit.Add(AuditRows.Of(record(made), time.GetUtcNow()));
            return made;
        },
        cancellationToken);

    public Task<StoredKey?> RevokeAsync(Guid keyId, DateTimeOffset at, Func<StoredKey, AuditRecord> record, CancellationToken cancellationToken) => WriteAsync(
        async (db, token) =>
        {
            var atMs = at.ToUnixTimeMilliseconds();
            await db.ApiKeys.Where(k => k.KeyId == keyId && k.RevokedAtMs == null).ExecuteUpdateAsync(set => set.SetProperty(k => k.RevokedAtMs, atMs), token);
            if (await FindAsync(db, keyId, token) is not { } key)
            {
                return null;
            }

            db.Audit.Add(AuditRows.Of(record(key), time.GetUtcNow()));
            return key;
        },
        cancellationToken);

    public Task NoteUseAsync(KeyUse use, CancellationToken cancellationToken) => WriteAsync(
        async (db, token) =>
        {
            var (atMs, beforeMs) = (use.At.ToUnixTimeMilliseconds(), (use.At - BetweenUses).ToUnixTimeMilliseconds());
            var key = db.ApiKeys.Where(k => k.KeyId == use.KeyId);
            await key.Where(k => k.LastUsedAtMs == null || k.LastUsedAtMs <= beforeMs).ExecuteUpdateAsync(set => set.SetProperty(k => k.LastUsedAtMs, atMs), token);
            if (use.Rehashed is { } hash)
            {
                await key.ExecuteUpdateAsync(set => set.SetProperty(k => k.Hash, hash.Hex).SetProperty(k => k.PepperId, hash.PepperId), token);
            }

            return true;
        },
        cancellationToken);

    private static async Task<StoredKey?> FindAsync(GatewayDb db, Guid keyId, CancellationToken cancellationToken) =>
        await db.ApiKeys.AsNoTracking().FirstOrDefaultAsync(k => k.KeyId == keyId, cancellationToken) is { } row ? Of(row) : null;

    private Task<T> WriteAsync<T>(Func<GatewayDb, CancellationToken, Task<T>> work, CancellationToken cancellationToken) => ExplainAsync(async () =>
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await gate.WriteAsync(db, WritePriority.Submit, token => work(db, token), cancellationToken);
    });

    private static async Task<T> ExplainAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception problem) when (StoreFaults.IsStoreFault(problem))
        {
            throw new StoreUnavailableException("The keys could not be used.", problem);
        }
    }

    private static StoredKey Of(ApiKeyRow row) => new()
    {
        KeyId = row.KeyId,
        Prefix = row.Prefix,
        Hash = row.Hash,
        PepperId = row.PepperId,
        Label = row.Label,
        Tenant = row.Tenant,
        Scopes = row.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        CreatedAt = At(row.CreatedAtMs),
        ExpiresAt = row.ExpiresAtMs is { } end ? At(end) : null,
        LastUsedAt = row.LastUsedAtMs is { } used ? At(used) : null,
        RevokedAt = row.RevokedAtMs is { } revoked ? At(revoked) : null,
    };

    private static ApiKeyRow Of(StoredKey key) => new()
    {
        KeyId = key.KeyId,
        Prefix = key.Prefix,
        Hash = key.Hash,
        PepperId = key.PepperId,
        Label = key.Label,
        Tenant = key.Tenant,
        Scopes = string.Join(' ', key.Scopes),
        CreatedAtMs = key.CreatedAt.ToUnixTimeMilliseconds(),
        ExpiresAtMs = key.ExpiresAt?.ToUnixTimeMilliseconds(),
        LastUsedAtMs = key.LastUsedAt?.ToUnixTimeMilliseconds(),
        RevokedAtMs = key.RevokedAt?.ToUnixTimeMilliseconds(),
    };

    private static DateTimeOffset At(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs);
}

using Gateway.ConformanceTests.Support;
using Gateway.Jobs;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Keys;
using Gateway.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Gateway.ConformanceTests.Storage;

public sealed class ApiKeySpecsOnSqlite() : ApiKeySpecs(Databases.Sqlite);

public sealed class ApiKeySpecsOnPostgreSql() : ApiKeySpecs(Databases.PostgreSql);

public abstract class ApiKeySpecs(Databases databases)
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_key_is_found_by_its_prefix_and_listed_newest_first_as_it_was_kept()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var store = jobs.Get<IApiKeyStore>();
        var (first, second) = (Key("AAAAAAAAAAAA") with { ExpiresAt = Now.AddDays(90) }, Key("aaaaaaaaaaaa") with { CreatedAt = Now.AddSeconds(1), Scopes = [] });
        await store.InsertAsync(first, Made(first), CancellationToken.None);
        await store.InsertAsync(second, Made(second), CancellationToken.None);

        Assert.Equivalent(first, await store.FindAsync(first.Prefix, CancellationToken.None), strict: true);
        Assert.Equivalent(second, await store.FindAsync(second.Prefix, CancellationToken.None), strict: true);
        Assert.Null(await store.FindAsync("AAAAAAAAAAAa", CancellationToken.None));
        Assert.Equal([second.KeyId, first.KeyId], (await store.ListAsync(CancellationToken.None)).Select(key => key.KeyId));
    }

    [Fact]
    public async Task A_revoked_key_stays_revoked_at_its_first_time_and_an_unknown_one_is_told()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var store = jobs.Get<IApiKeyStore>();
        var key = Key("AAAAAAAAAAAA");
        await store.InsertAsync(key, Made(key), CancellationToken.None);

        Assert.Equal(Now, (await store.RevokeAsync(key.KeyId, Now, Ended, CancellationToken.None))!.RevokedAt);
        Assert.Equal(Now, (await store.RevokeAsync(key.KeyId, Now.AddDays(1), Ended, CancellationToken.None))!.RevokedAt);
        Assert.Equal(Now, (await store.FindAsync(key.Prefix, CancellationToken.None))!.RevokedAt);
        Assert.Null(await store.RevokeAsync(Guid.NewGuid(), Now, Ended, CancellationToken.None));
    }

    [Fact]
    public async Task A_rotation_adds_a_key_and_ends_the_old_one_no_later_and_does_neither_for_one_that_is_over()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var store = jobs.Get<IApiKeyStore>();
        var (open, shortLived, expired, revoked) = (Key("A"), Key("B") with { ExpiresAt = Now.AddHours(1) }, Key("C") with { ExpiresAt = Now }, Key("D") with { RevokedAt = Now });
        foreach (var key in new[] { open, shortLived, expired, revoked })
        {
            await store.InsertAsync(key, Made(key), CancellationToken.None);
        }

        Task<StoredKey?> Rotate(StoredKey key, string prefix) => store.RotateAsync(key.KeyId, Now, Now.AddHours(24), old => Key(prefix) with { Label = old.Label + "2" }, Made, CancellationToken.None);

        Assert.Equal("nightly2", (await Rotate(open, "E"))!.Label);
        Assert.NotNull(await Rotate(shortLived, "F"));
        Assert.Null(await Rotate(expired, "G"));
        Assert.Null(await Rotate(revoked, "H"));
        Assert.Null(await Rotate(Key("X"), "I"));
        Assert.Equal(Now.AddHours(24), (await store.FindAsync("A", CancellationToken.None))!.ExpiresAt);
        Assert.Equal(Now.AddHours(1), (await store.FindAsync("B", CancellationToken.None))!.ExpiresAt);
        Assert.Equal(["A", "B", "C", "D", "E", "F"], (await store.ListAsync(CancellationToken.None)).Select(key => key.Prefix).Order());
    }

    [Fact]
    public async Task A_use_is_written_once_a_minute_whoever_saw_it_and_moves_the_hash()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var store = jobs.Get<IApiKeyStore>();
        var key = Key("A");
        await store.InsertAsync(key, Made(key), CancellationToken.None);

        await store.NoteUseAsync(new KeyUse(key.KeyId, Now), CancellationToken.None);
        await store.NoteUseAsync(new KeyUse(key.KeyId, Now.AddSeconds(59)), CancellationToken.None);
        Assert.Equal(Now, (await store.FindAsync("A", CancellationToken.None))!.LastUsedAt);
        await store.NoteUseAsync(new KeyUse(key.KeyId, Now.AddSeconds(60), new KeyHash("p2", new string('b', 64))), CancellationToken.None);
        var after = await store.FindAsync("A", CancellationToken.None);

        Assert.Equal((Now.AddSeconds(60), "p2", new string('b', 64)), (after!.LastUsedAt, after.PepperId, after.Hash));
    }

    [Fact]
    public async Task A_store_that_cannot_say_it_is_not_one_without_the_key()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        await jobs.ReadAsync(db => db.Database.ExecuteSqlRawAsync("ALTER TABLE \"ApiKeys\" RENAME TO \"Gone\""));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => jobs.Get<IApiKeyStore>().FindAsync("A", CancellationToken.None));
    }

    [Fact]
    public async Task What_is_done_to_a_key_is_recorded_in_the_same_commit_or_not_done()
    {
        using var folder = databases.NewStore();
        await using var jobs = await new EmbeddedJobs(folder).StartAsync();
        var store = jobs.Get<IApiKeyStore>();
        var key = Key("A");
        await store.InsertAsync(key, Made(key), CancellationToken.None);
        await store.RotateAsync(key.KeyId, Now, Now.AddHours(24), _ => Key("B"), Made, CancellationToken.None);
        await store.RevokeAsync(key.KeyId, Now, Ended, CancellationToken.None);
        Assert.Equal(["key/created", "key/created", "key/revoked"], await jobs.ReadAsync(db => db.Audit.OrderBy(a => a.AuditId).Select(a => a.Method).ToListAsync()));

        await jobs.ReadAsync(db => db.Database.ExecuteSqlRawAsync("ALTER TABLE \"Audit\" RENAME TO \"Gone\""));
        var other = Key("C");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.InsertAsync(other, Made(other), CancellationToken.None));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.RevokeAsync(key.KeyId, Now, Ended, CancellationToken.None));
        Assert.Equal(["A", "B"], (await store.ListAsync(CancellationToken.None)).Select(one => one.Prefix).Order());
    }

    private static AuditRecord Made(StoredKey key) => new() { At = Now, Method = AuditMethods.KeyCreated, Tenant = key.Tenant, Decision = AuditDecisions.Done };

    private static AuditRecord Ended(StoredKey key) => Made(key) with { Method = AuditMethods.KeyRevoked };

    private static StoredKey Key(string prefix) => new()
    {
        KeyId = Guid.NewGuid(),
        Prefix = prefix,
        Hash = new string('a', 64),
        PepperId = "p1",
        Label = "nightly",
        Tenant = "acme",
        Scopes = ["jobs:run", "jobs:read"],
        CreatedAt = Now,
    };
}

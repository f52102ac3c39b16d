using Gateway.Api.Auth;
using Gateway.Jobs;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Keys;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Api;

public sealed class KeyRingSpecs : IDisposable
{
    private static readonly string[] Read = [Scopes.JobsRead];
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("gateway-ring-");
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));
    private readonly FakeApiKeyStore store = new();
    private readonly Peppers peppers;
    private readonly KeyRing ring;

    public KeyRingSpecs()
    {
        peppers = Peppers.Open(PepperFile, mayCreate: true);
        ring = new KeyRing(store, peppers, clock, NullLogger<KeyRing>.Instance);
    }

    private string PepperFile => Path.Combine(folder.FullName, "pepper");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_key_is_known_by_its_text_and_by_nothing_that_the_store_holds()
    {
        var (key, text) = await CreateAsync();

        Assert.Equal(key, await ring.FindAsync(text));
        Assert.Matches("^gwk_[A-Za-z0-9_-]{43}$", text);
        Assert.Equal(text[4..16], key.Prefix);
        foreach (var wrong in new[] { "", key.Prefix, key.Hash, "gwk_" + key.Prefix, text[..^1], text + "A", text.ToUpperInvariant(), "gwk_" + key.Prefix + KeyText.New()[16..], KeyText.New() })
        {
            Assert.Null(await ring.FindAsync(wrong));
        }
    }

    [Fact]
    public async Task A_known_and_an_unknown_prefix_cost_the_store_the_same_question()
    {
        var (key, text) = await CreateAsync();
        var unknown = KeyText.New();
        await ring.FindAsync("gwk_" + key.Prefix + unknown[16..]);
        await ring.FindAsync(unknown);
        Assert.Equal([key.Prefix, KeyText.PrefixOf(unknown)], store.Asked);
        Assert.NotNull(await ring.FindAsync(text));
    }

    [Fact]
    public async Task A_key_that_another_gateway_revoked_opens_for_less_than_five_seconds()
    {
        var (key, text) = await CreateAsync();
        Assert.NotNull(await ring.FindAsync(text));
        await store.RevokeAsync(key.KeyId, clock.GetUtcNow(), _ => new AuditRecord { At = clock.GetUtcNow(), Method = "x", Decision = "done" }, CancellationToken.None);

        Assert.NotNull(await ring.FindAsync(text));
        clock.Advance(TimeSpan.FromSeconds(4));

        Assert.Null(await ring.FindAsync(text));
    }

    [Fact]
    public async Task A_key_that_this_gateway_revoked_or_replaced_opens_no_longer()
    {
        var desk = Desk(ring, peppers);
        var (key, text) = await desk.CreateAsync("l", "t", Read, null, "operator:1", CancellationToken.None);
        Assert.NotNull(await ring.FindAsync(text));
        await desk.RevokeAsync(key.KeyId, "operator:1", CancellationToken.None);
        Assert.Null(await ring.FindAsync(text));

        var (old, oldText) = await desk.CreateAsync("l", "t", Read, TimeSpan.FromDays(90), "operator:1", CancellationToken.None);
        Assert.NotNull(await ring.FindAsync(oldText));
        var made = await desk.RotateAsync(old.KeyId, TimeSpan.FromHours(1), "operator:1", CancellationToken.None);
        Assert.Equal(("l", "t", TimeSpan.FromDays(90)), (made!.Value.Key.Label, made.Value.Key.Tenant, made.Value.Key.ExpiresAt - made.Value.Key.CreatedAt));
        Assert.NotNull(await ring.FindAsync(made.Value.Text));
        Assert.NotNull(await ring.FindAsync(oldText));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(await ring.FindAsync(oldText));
        Assert.NotNull(await ring.FindAsync(made.Value.Text));
    }

    [Fact]
    public async Task A_key_ends_at_its_time_even_while_the_store_is_not_asked()
    {
        var (_, text) = await CreateAsync(lifetime: TimeSpan.FromSeconds(2));
        Assert.NotNull(await ring.FindAsync(text));
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(await ring.FindAsync(text));
        Assert.Single(store.Asked);
    }

    [Fact]
    public async Task While_the_store_is_away_a_key_in_use_opens_for_some_seconds_and_then_nobody_is_told_that_it_is_wrong()
    {
        var (_, text) = await CreateAsync();
        Assert.NotNull(await ring.FindAsync(text));
        store.IsAway = true;

        clock.Advance(TimeSpan.FromSeconds(3));
        Assert.NotNull(await ring.FindAsync(text));
        clock.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await ring.FindAsync(text));
        store.IsAway = false;
        Assert.NotNull(await ring.FindAsync(text));
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_not_waited_for()
    {
        var (_, text) = await CreateAsync();
        store.Gate = new TaskCompletionSource().Task;
        var finding = ring.FindAsync(text).AsTask();
        clock.Advance(TimeSpan.FromSeconds(1.5));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => finding);
    }

    [Fact]
    public async Task Many_calls_at_once_ask_the_store_once()
    {
        var (key, text) = await CreateAsync();
        var gate = new TaskCompletionSource();
        store.Gate = gate.Task;
        var calls = Enumerable.Range(0, 50).Select(_ => ring.FindAsync(text).AsTask()).ToArray();
        gate.SetResult();
        Assert.All(await Task.WhenAll(calls), found => Assert.Equal(key, found));
        Assert.Single(store.Asked);
    }

    [Fact]
    public async Task A_use_is_noted_once_a_minute()
    {
        var (key, text) = await CreateAsync();
        for (var second = 0; second <= 60; second++)
        {
            Assert.NotNull(await ring.FindAsync(text));
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([0, 60], Uses().Select(use => (use.At - key.CreatedAt).TotalSeconds));
    }

    [Fact]
    public async Task Nobody_waits_for_a_note_that_cannot_be_written()
    {
        for (var i = 0; i < 1_100; i++)
        {
            var (_, text) = await CreateAsync();
            Assert.NotNull(await ring.FindAsync(text));
        }

        Assert.Equal(1_000, Uses().Count());
    }

    [Fact]
    public async Task Peppers_are_changed_without_a_key_lost_and_each_key_moves_to_the_new_one_at_its_use()
    {
        var (key, text) = await CreateAsync();
        await File.WriteAllTextAsync(PepperFile, $"new {Convert.ToBase64String(new byte[32]).TrimEnd('=')}\n{await File.ReadAllTextAsync(PepperFile, TestContext.Current.CancellationToken)}", TestContext.Current.CancellationToken);
        var next = Peppers.Open(PepperFile, mayCreate: true);
        var later = new KeyRing(store, next, clock, NullLogger<KeyRing>.Instance);

        Assert.NotNull(await later.FindAsync(text));
        Assert.True(later.Uses.TryRead(out var use));
        Assert.Equal(("new", next.Hash(text).Hex), (use.Rehashed!.PepperId, use.Rehashed.Hex));
        Assert.NotEqual(key.Hash, use.Rehashed.Hex);
        // Without the old one it is nobody's key: the store alone opens nothing.
        await File.WriteAllTextAsync(PepperFile, $"new {Convert.ToBase64String(new byte[32]).TrimEnd('=')}\n", TestContext.Current.CancellationToken);
        Assert.Null(await new KeyRing(store, Peppers.Open(PepperFile, mayCreate: true), clock, NullLogger<KeyRing>.Instance).FindAsync(text));
    }

    [Fact]
    public async Task Starts_at_once_make_one_pepper_that_its_owner_alone_can_read()
    {
        File.Delete(PepperFile);
        var made = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => Peppers.Open(PepperFile, mayCreate: true))));
        Assert.Single(made.Select(one => one.Hash("x").Hex).Distinct());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(PepperFile));
        Assert.Single(folder.GetFiles());
        File.SetUnixFileMode(PepperFile, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", Assert.Throws<InvalidOperationException>(() => Peppers.Open(PepperFile, mayCreate: true)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("p1")]
    [InlineData("p1 short")]
    [InlineData("p-1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("p1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\np1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE")]
    public void A_file_that_holds_no_peppers_stops_the_start_without_being_shown(string text)
    {
        File.WriteAllText(PepperFile, text);
        var fault = Assert.Throws<InvalidOperationException>(() => Peppers.Open(PepperFile, mayCreate: true));
        Assert.DoesNotContain("AAAA", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pepper_that_was_named_is_not_made() =>
        Assert.Contains("Copy the file", Assert.Throws<InvalidOperationException>(() => Peppers.Open(PepperFile + "2", mayCreate: false)).Message, StringComparison.Ordinal);

    private IEnumerable<KeyUse> Uses()
    {
        while (ring.Uses.TryRead(out var use))
        {
            yield return use;
        }
    }

    private KeyDesk Desk(KeyRing of, Peppers under) => new(store, of, under, clock, NullLogger<KeyDesk>.Instance);

    private Task<(StoredKey Key, string Text)> CreateAsync(TimeSpan? lifetime = null) => Desk(ring, peppers).CreateAsync("nightly", "acme", Read, lifetime, "operator:1", CancellationToken.None);
}

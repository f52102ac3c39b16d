using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Gateway.Jobs;
using Gateway.Jobs.Keys;

namespace Gateway.Api.Auth;

/// <summary>
/// Knows callers' keys. What the store says of a key is believed for <see cref="Belief"/>: so long at most a revoked key opens
/// on other processes, and so long known keys open while the store is away.
/// </summary>
internal sealed partial class KeyRing(IApiKeyStore store, Peppers peppers, TimeProvider clock, ILogger<KeyRing> logger) : IDisposable
{
    /// <summary>Well under the five seconds that are promised: a reading that is under way takes its time too.</summary>
    public static readonly TimeSpan Belief = TimeSpan.FromSeconds(3.5);

    private static readonly TimeSpan LongestRead = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan BetweenUses = TimeSpan.FromMinutes(1);
    private const int MostBelieved = 10_000;
    private const int MostUsesWaiting = 1_000;

    // Who asks about many unknown keys at once is answered in turns: the first failures count before the others ask.
    private const int MostQuestionsAtOnce = 32;

    // Of no key: compared with where the store has none, so that the work is the same.
    private static readonly string HashOfNoKey = new('0', 64);
    private static readonly Entry Nothing = new(null, 0);

    private readonly ConcurrentDictionary<string, Entry> believed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<Entry>>> readings = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim questions = new(MostQuestionsAtOnce);

    private readonly Channel<KeyUse> uses = Channel.CreateBounded<KeyUse>(new BoundedChannelOptions(MostUsesWaiting) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Uses that are to be noted.</summary>
    public ChannelReader<KeyUse> Uses => uses.Reader;

    /// <summary>The key that a text is; null for none.</summary>
    /// <param name="presented">What a caller sent.</param>
    /// <param name="mayAsk">
    /// Whether the store may be asked. Where it may not, a key that it once was asked about is found all the same; a wrong one costs one
    /// comparison, whether there is a key of its prefix or not.
    /// </param>
    /// <exception cref="StoreUnavailableException">The store could not say it in time, and nothing is known of the key.</exception>
    public async ValueTask<StoredKey?> FindAsync(string presented, Func<bool>? mayAsk = null)
    {
        if (!KeyText.IsWhole(presented))
        {
            return null;
        }

        var prefix = KeyText.PrefixOf(presented);
        if (FreshOf(prefix) is { } fresh)
        {
            return Judge(fresh, presented);
        }

        if (believed.TryGetValue(prefix, out var seen))
        {
            return mayAsk?.Invoke() != false || Matches(seen, presented) ? Judge(await ReadOnceAsync(prefix).ConfigureAwait(false), presented) : null;
        }

        if (mayAsk?.Invoke() == false)
        {
            return Judge(Nothing, presented);
        }

        if (!await questions.WaitAsync(LongestRead).ConfigureAwait(false))
        {
            throw new StoreUnavailableException("Too many keys are asked about at once.", new TimeoutException());
        }

        try
        {
            return Judge(FreshOf(prefix) ?? (mayAsk?.Invoke() == false ? Nothing : await ReadOnceAsync(prefix).ConfigureAwait(false)), presented);
        }
        finally
        {
            questions.Release();
        }
    }

    /// <summary>Asks the store anew at the next use.</summary>
    public void Forget(string prefix) => believed.TryRemove(prefix, out _);

    /// <inheritdoc/>
    public void Dispose() => questions.Dispose();

    private Entry? FreshOf(string prefix) => believed.TryGetValue(prefix, out var known) && clock.GetElapsedTime(known.ReadAt) < Belief ? known : null;

    private bool Matches(Entry entry, string presented) => CryptographicOperations.FixedTimeEquals(
        Encoding.ASCII.GetBytes(peppers.Hash(presented, entry.Key?.PepperId).Hex), Encoding.ASCII.GetBytes(entry.Key?.Hash ?? HashOfNoKey));

    private StoredKey? Judge(Entry entry, string presented)
    {
        var matches = Matches(entry, presented);
        if (entry.Key is { } stored && !peppers.Knows(stored.PepperId))
        {
            LogUnknownPepper(stored.KeyId, stored.PepperId);
        }

        if (!matches || entry.Key is not { } key || !key.IsValidAt(clock.GetUtcNow()))
        {
            return null;
        }

        NoteUse(entry, key, presented);
        return key;
    }

    // Many calls with one key ask the store once.
    private async Task<Entry> ReadOnceAsync(string prefix)
    {
        var reading = readings.GetOrAdd(prefix, static (name, ring) => new Lazy<Task<Entry>>(() => ring.ReadAsync(name)), this);
        try
        {
            return await reading.Value.ConfigureAwait(false);
        }
        finally
        {
            readings.TryRemove(KeyValuePair.Create(prefix, reading));
        }
    }

    private async Task<Entry> ReadAsync(string prefix)
    {
        // Before the reading: what is changed while it is under way is seen that much sooner.
        var readAt = clock.GetTimestamp();
        using var timeout = new CancellationTokenSource(LongestRead, clock);
        try
        {
            var key = await store.FindAsync(prefix, timeout.Token).WaitAsync(LongestRead, clock).ConfigureAwait(false);
            var entry = new Entry(key, readAt) { NotedAt = believed.TryGetValue(prefix, out var before) ? before.NotedAt : key?.LastUsedAt };
            if (key is not null)
            {
                Keep(prefix, entry);
            }

            return entry;
        }
        catch (Exception problem) when (problem is TimeoutException or OperationCanceledException)
        {
            throw new StoreUnavailableException("The store did not say in time whether there is such a key.", problem);
        }
    }

    // Only keys that exist: whoever guesses fills nothing.
    private void Keep(string prefix, Entry entry)
    {
        if (believed.Count >= MostBelieved)
        {
            believed.Clear();
        }

        believed[prefix] = entry;
    }

    private void NoteUse(Entry entry, StoredKey key, string presented)
    {
        var now = clock.GetUtcNow();
        if (entry.NotedAt is { } noted && now - noted < BetweenUses)
        {
            return;
        }

        entry.NotedAt = now;
        uses.Writer.TryWrite(new KeyUse(key.KeyId, now, key.PepperId == peppers.Current ? null : peppers.Hash(presented)));
    }

    [LoggerMessage(EventId = 1601, Level = LogLevel.Warning, Message = "Key {KeyId} was made under the pepper {PepperId}, which this gateway does not have: give all gateways on one database the same file (Auth:PepperFile)")]
    private partial void LogUnknownPepper(Guid keyId, string pepperId);

    /// <summary>What the store said.</summary>
    private sealed class Entry(StoredKey? key, long readAt)
    {
        public StoredKey? Key => key;

        public long ReadAt => readAt;

        public DateTimeOffset? NotedAt { get; set; }
    }
}

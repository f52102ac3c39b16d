using System.Collections.Concurrent;

namespace Gateway.Jobs.Dispatch;

/// <summary>
/// How many new jobs may be released in the commit that stores them, since slots are free and nobody waits for them. Set
/// by each look of the dispatcher; between two looks it only falls.
/// </summary>
public sealed class DirectReleases(DispatchBell bell)
{
    private volatile ConcurrentDictionary<string, Places> pools = new(StringComparer.Ordinal);

    /// <summary>Takes a place. False when the job has to wait for the dispatcher, which is woken if it could help.</summary>
    /// <param name="pool">Pool of the job.</param>
    public bool TryTake(string pool)
    {
        if (!pools.TryGetValue(pool, out var places))
        {
            return false;
        }

        if (Interlocked.Decrement(ref places.Left) >= 0)
        {
            return true;
        }

        if (places.Fair)
        {
            // Slots are free, but who gets them is not for a submit to say.
            bell.Ring();
        }

        return false;
    }

    /// <summary>Replaces what was known.</summary>
    /// <param name="found">For each pool its places, and whether the dispatcher has more to give than they say.</param>
    public void Set(IEnumerable<(string Pool, int Places, bool Fair)> found) => pools = new(
        found.Select(f => KeyValuePair.Create(f.Pool, new Places { Left = f.Places, Fair = f.Fair })), StringComparer.Ordinal);

    private sealed class Places
    {
        public int Left;

        public bool Fair { get; init; }
    }
}

using System.Collections.Concurrent;

namespace Gateway.Jobs.Dispatch;

/// <summary>
/// How many new jobs may be released in the commit that stores them, since slots are free and nobody waits for them. Set
/// by each look of the dispatcher; between two looks it only falls.
/// </summary>
public sealed class DirectReleases
{
    private volatile ConcurrentDictionary<string, Places> pools = new(StringComparer.Ordinal);

    /// <summary>Takes a place. False when the job has to wait for the dispatcher. Not for a job that a cap on running jobs holds for: only the dispatcher knows what runs.</summary>
    /// <param name="pool">Pool of the job.</param>
    public bool TryTake(string pool) => pools.TryGetValue(pool, out var places) && Interlocked.Decrement(ref places.Left) >= 0;

    /// <summary>Replaces what was known.</summary>
    /// <param name="found">For each pool its places.</param>
    public void Set(IEnumerable<(string Pool, int Places)> found) => pools = new(
        found.Select(f => KeyValuePair.Create(f.Pool, new Places { Left = f.Places })), StringComparer.Ordinal);

    private sealed class Places
    {
        public int Left;
    }
}

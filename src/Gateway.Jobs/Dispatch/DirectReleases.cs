using System.Collections.Concurrent;
using Gateway.Jobs.Parking;

namespace Gateway.Jobs.Dispatch;

/// <summary>
/// How many new jobs may be released in the commit that stores them, since slots are free and nobody waits for them. Set
/// by each look of the dispatcher; between two looks it only falls.
/// </summary>
public sealed class DirectReleases
{
    private volatile ConcurrentDictionary<string, Places> pools = new(StringComparer.Ordinal);
    private volatile IReadOnlySet<(string Pool, string Credential)> gated = new HashSet<(string, string)>();

    /// <summary>Takes a place. False when the job has to wait for the dispatcher. Not for a job that a cap on running jobs holds for: only the dispatcher knows what runs.</summary>
    /// <param name="pool">Pool of the job.</param>
    /// <param name="credential">Credential of the job; one with a gate is the dispatcher's to give out.</param>
    public bool TryTake(string pool, string credential) => !gated.Contains((pool, credential)) && pools.TryGetValue(pool, out var places) && Interlocked.Decrement(ref places.Left) >= 0;

    /// <summary>Replaces what was known.</summary>
    /// <param name="found">For each pool its places.</param>
    /// <param name="gates">The credentials that rest, or are being tried.</param>
    public void Set(IEnumerable<(string Pool, int Places)> found, IEnumerable<CredentialGate> gates)
    {
        gated = gates.Select(gate => (gate.Pool, gate.Credential)).ToHashSet();
        pools = new(found.Select(f => KeyValuePair.Create(f.Pool, new Places { Left = f.Places })), StringComparer.Ordinal);
    }

    private sealed class Places
    {
        public int Left;
    }
}

namespace Gateway.Storage.Jobs;

/// <summary>
/// Remembers how many jobs wait, so that a submit does not count thousands of rows: for a second, or for so many submits
/// that a few processes together stay far within the margin that is left to the exact count.
/// </summary>
internal sealed class QueuedGauge(TimeProvider clock)
{
    private const int MostUncounted = 100;
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(1);
    private readonly Lock sync = new();
    private (int Count, long Timestamp)? known;
    private int added;

    /// <summary>True when it is known that fewer wait; this submit is then counted in. Else somebody has to count.</summary>
    public bool IsBelow(int limit)
    {
        lock (sync)
        {
            if (known is not { } last || added >= MostUncounted || last.Count + added >= limit || clock.GetElapsedTime(last.Timestamp) > Lifetime)
            {
                return false;
            }

            added++;
            return true;
        }
    }

    /// <summary>Keeps what was counted.</summary>
    public int Keep(int count)
    {
        lock (sync)
        {
            (known, added) = ((count, clock.GetTimestamp()), 0);
            return count;
        }
    }
}

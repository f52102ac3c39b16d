namespace Gateway.Api.Auth.SignIn;

/// <summary>
/// Counts failures of many subjects in memory that never grows: a subject has a slot by its hash, and shares it with whoever falls into
/// the same one. A slot is the time at which its debt is paid off (GCRA): each failure adds a share of the window to it.
/// </summary>
/// <param name="limit">Failures in a window.</param>
/// <param name="window">The window.</param>
/// <param name="clock">The clock.</param>
internal sealed class FailureTable(int limit, TimeSpan window, TimeProvider clock)
{
    // Half a megabyte. Strings hash differently in each process, so nobody outside can aim at a slot.
    private const int Slots = 64 * 1024;

    private readonly long[] paidOffAt = new long[Slots];
    private readonly long share = Math.Max(1, (long)(window.TotalSeconds * clock.TimestampFrequency / limit));

    /// <summary>How long until the subject may fail again; null when it may now.</summary>
    public TimeSpan? WaitOf(string subject)
    {
        var now = clock.GetTimestamp();
        var free = Volatile.Read(ref SlotOf(subject)) - (share * (limit - 1));
        return free <= now ? null : clock.GetElapsedTime(now, free);
    }

    /// <summary>Counts a failure. A subject that has none left stays where it is.</summary>
    public void Add(string subject)
    {
        ref var slot = ref SlotOf(subject);
        while (true)
        {
            var (before, now) = (Volatile.Read(ref slot), clock.GetTimestamp());
            var after = Math.Min(Math.Max(before, now) + share, now + (share * limit));
            if (Interlocked.CompareExchange(ref slot, after, before) == before)
            {
                return;
            }
        }
    }

    private ref long SlotOf(string subject) => ref paidOffAt[(uint)string.GetHashCode(subject, StringComparison.Ordinal) % Slots];
}

namespace Gateway.Processes.Memory;

/// <summary>
/// Gives program pages that nobody looks at any more back, and what the native heap has free, whenever many pages have come since the last time. To be asked about
/// once a second; at rest that reads one line of /proc. Not safe for use by several threads.
/// </summary>
public sealed class ProgramPagesKeeper
{
    /// <summary>How many bytes must have come before any are given back.</summary>
    internal const long Many = 6L << 20;

    private readonly Func<long> sharedBytes;
    private HashSet<ProgramPages.Mapping> before = [];
    private long least;
    private bool again;

    /// <summary>A keeper of this process.</summary>
    public ProgramPagesKeeper()
        : this(ProgramPages.SharedBytes)
    {
    }

    /// <summary>One that is told how much is resident.</summary>
    internal ProgramPagesKeeper(Func<long> sharedBytes) => this.sharedBytes = sharedBytes;

    /// <summary>How long to wait between two looks: what a look finds and the next one finds again is loaded for good.</summary>
    public static TimeSpan Between { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Looks once.</summary>
    /// <param name="anyway">Also when few have come: what was needed for work that has ended.</param>
    /// <exception cref="IOException">The machine does not tell.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be asked.</exception>
    public void Look(bool anyway = false)
    {
        if (!anyway && !again && sharedBytes() - least < Many)
        {
            return;
        }

        var now = ProgramPages.Find();
        var stayed = before.Intersect(now).ToList();
        var isMore = now.Count > stayed.Count;
        before = now;
        if (stayed.Count > 0)
        {
            ProgramPages.GiveBack(stayed);
            NativeHeap.Trim();
        }

        // Once more: what came between two looks is only found by now, and work that went on meanwhile took its pages back at once.
        again = isMore || !again;
        least = sharedBytes();
    }
}

namespace Gateway.Execution.Memory;

/// <summary>
/// Tells when work has come to rest: much was allocated since the last rest, and now hardly anything is. To be asked about once a
/// second. Not safe for use by several threads.
/// </summary>
/// <param name="allocatedBytes">How much was ever allocated.</param>
internal sealed class RestAfterWork(Func<long> allocatedBytes)
{
    /// <summary>So much is work; what goes on at rest (heartbeats, looks for due jobs) takes minutes for it.</summary>
    internal const long Work = 8L << 20;

    /// <summary>Less than this between two looks is rest.</summary>
    internal const long Little = 1L << 20;

    private long atRest;
    private long last;

    /// <summary>Looks once; true once for each rest.</summary>
    public bool HasCome()
    {
        var now = allocatedBytes();
        var isQuiet = now - last < Little;
        last = now;
        if (!isQuiet || now - atRest < Work)
        {
            return false;
        }

        atRest = now;
        return true;
    }
}

using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage;

/// <summary>
/// Does a piece of work again when the fault need not come again. Consumers have the bus for that, which gives each try a
/// context of its own; this is for what callers ask directly. EF's own retries stay off: they would run the work of an open
/// transaction again without the inbox, and cannot tell a commit that succeeded unseen from one that failed.
/// </summary>
internal sealed class StoreRetry(StorageProvider provider)
{
    // A pool may hold several sessions that a server has ended, and each is found out only when it is used.
    private const int MostTries = 5;

    /// <summary>Runs the work.</summary>
    /// <param name="work">One try, with its number from 0 on; it opens a context of its own.</param>
    public async Task<T> RunAsync<T>(Func<int, Task<T>> work)
    {
        for (var trial = 0; ; trial++)
        {
            try
            {
                return await work(trial);
            }
            catch (Exception problem) when (trial + 1 < MostTries && (problem is DbUpdateConcurrencyException || (StoreFaults.CauseOf(problem) is { } cause && provider.MayPass(cause))))
            {
                // The next try.
            }
        }
    }
}

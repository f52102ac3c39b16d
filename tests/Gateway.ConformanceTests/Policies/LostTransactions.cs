using System.Runtime.CompilerServices;
using Gateway.Jobs.Lifecycle;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Gateway.ConformanceTests.Policies;

/// <summary>Loses the transaction that has just written a job's row, while it is told to: the database failed before the commit.</summary>
internal sealed class LostTransactions : SaveChangesInterceptor
{
    private readonly ConditionalWeakTable<DbContext, object> writers = [];

    public bool Lose { get; set; }

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        if (Lose && eventData.Context is { } db && db.ChangeTracker.Entries<Job>().Any(job => job.State == EntityState.Added))
        {
            writers.AddOrUpdate(db, db);
        }

        return ValueTask.FromResult(result);
    }

    public override ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default) =>
        eventData.Context is { } db && writers.Remove(db) ? throw new IOException("The database was lost.") : ValueTask.FromResult(result);
}

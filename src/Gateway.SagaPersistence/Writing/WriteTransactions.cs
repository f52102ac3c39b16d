using Microsoft.EntityFrameworkCore;

namespace Gateway.SagaPersistence.Writing;

/// <summary>The application's own write transactions, through the gate.</summary>
public static class WriteTransactions
{
    /// <summary>
    /// Enters the gate, begins a transaction, runs <paramref name="work"/>, saves, commits, and only then lets rows of the outbox go.
    /// In a transaction that is already open in <paramref name="db"/> (a consumer behind the transactional outbox) it only runs the
    /// work and saves: the opener holds the gate and commits.
    /// </summary>
    /// <param name="gate">The gate of this process.</param>
    /// <param name="db">The context of the current scope.</param>
    /// <param name="priority">Who goes first; see <see cref="WritePriority"/>.</param>
    /// <param name="work">What to write. An exception rolls everything back.</param>
    /// <param name="cancellationToken">Leaves the queue, or rolls back.</param>
    public static Task WriteAsync<TDbContext>(
        this IWriteGate gate,
        TDbContext db,
        WritePriority priority,
        Func<CancellationToken, Task> work,
        CancellationToken cancellationToken)
        where TDbContext : DbContext =>
        gate.WriteAsync(
            db,
            priority,
            async token =>
            {
                await work(token);
                return true;
            },
            cancellationToken);

    /// <summary>The same with a result; see the overload without one.</summary>
    public static async Task<T> WriteAsync<TDbContext, T>(
        this IWriteGate gate,
        TDbContext db,
        WritePriority priority,
        Func<CancellationToken, Task<T>> work,
        CancellationToken cancellationToken)
        where TDbContext : DbContext
    {
        if (db.Database.CurrentTransaction is not null)
        {
            var nested = await work(cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            return nested;
        }

        return await gate.WriteAsync(db, priority, work, static _ => true, cancellationToken);
    }

    /// <summary>The same where the work says at its end whether anything of it is to be kept; what is not is rolled back.</summary>
    /// <exception cref="InvalidOperationException">A transaction is open already: what its opener did could not be kept alone.</exception>
    public static async Task<T> WriteAsync<TDbContext, T>(
        this IWriteGate gate,
        TDbContext db,
        WritePriority priority,
        Func<CancellationToken, Task<T>> work,
        Predicate<T> isKept,
        CancellationToken cancellationToken)
        where TDbContext : DbContext
    {
        if (db.Database.CurrentTransaction is not null)
        {
            throw new InvalidOperationException("What may be rolled back needs a transaction of its own.");
        }

        using var turn = await gate.EnterAsync(priority, cancellationToken);
        // As in a turn.
        db.Database.AutoSavepointsEnabled = false;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var result = await work(cancellationToken);
        if (!isKept(result))
        {
            db.ChangeTracker.Clear();
            await transaction.RollbackAsync(cancellationToken);
            return result;
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return result;
    }
}

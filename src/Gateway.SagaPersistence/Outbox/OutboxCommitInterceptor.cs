using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Gateway.SagaPersistence.Outbox;

/// <summary>
/// Hands rows to the dispatcher after the commit that made them true, and never before. It hangs on the context itself,
/// so no caller has to remember it: SaveChanges without a transaction, an explicit transaction and the consumer's one all pass here.
/// </summary>
internal sealed class OutboxCommitInterceptor(OutboxLedger ledger) : SaveChangesInterceptor, IDbTransactionInterceptor
{
    private readonly ConditionalWeakTable<DbContext, PendingRows> pending = [];

    /// <summary>Adds the row to the context's next SaveChanges.</summary>
    public void Enlist(DbContext db, OutboxRow row)
    {
        var rows = pending.GetOrCreateValue(db);
        lock (rows)
        {
            db.Add(row);
            rows.Added.Add(row);
        }
    }

    /// <summary>After the commit of the open transaction these messages are no longer sent.</summary>
    /// <exception cref="InvalidOperationException">No transaction is open.</exception>
    public void Withdraw(DbContext db, IReadOnlyList<Guid> messageIds)
    {
        var transaction = db.Database.CurrentTransaction?.TransactionId
            ?? throw new InvalidOperationException("Messages are withdrawn in a transaction, together with what made them needless.");
        var rows = pending.GetOrCreateValue(db);
        lock (rows)
        {
            rows.BelongTo(transaction);
            rows.Withdrawn.AddRange(messageIds);
        }
    }

    public override int SavedChanges(SaveChangesCompletedEventData eventData, int result)
    {
        Saved(eventData.Context);
        return result;
    }

    public override ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        Saved(eventData.Context);
        return ValueTask.FromResult(result);
    }

    public void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) => Committed(eventData);

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Committed(eventData);
        return Task.CompletedTask;
    }

    private void Saved(DbContext? db)
    {
        if (db is null || !pending.TryGetValue(db, out var rows))
        {
            return;
        }

        var transaction = db.Database.CurrentTransaction?.TransactionId;
        lock (rows)
        {
            rows.BelongTo(transaction);
            foreach (var row in rows.Added)
            {
                // One that the context no longer tracks was never stored (a pooled context keeps its identity between uses). One that was
                // stored is let go: after a rollback SQLite gives its number to another row, and no later save has to look at it.
                var entry = db.Entry(row);
                if (entry.State == EntityState.Unchanged)
                {
                    rows.Saved.Add(row);
                    entry.State = EntityState.Detached;
                }
            }

            rows.Added.Clear();
            if (transaction is null)
            {
                Release(rows);
            }
        }
    }

    private void Committed(TransactionEndEventData eventData)
    {
        if (eventData.Context is not { } db || !pending.TryGetValue(db, out var rows))
        {
            return;
        }

        lock (rows)
        {
            if (rows.Transaction == eventData.TransactionId)
            {
                Release(rows);
            }
        }
    }

    private void Release(PendingRows rows)
    {
        ledger.Count(rows.Saved.Count);
        foreach (var row in rows.Saved)
        {
            // A delayed row is the sweeper's.
            if (row.LockedUntilMs > 0)
            {
                ledger.Hand(row);
            }
        }

        rows.Withdrawn.ForEach(ledger.Withdraw);
        rows.End();
    }

    private sealed class PendingRows
    {
        public List<OutboxRow> Added { get; } = [];

        public List<OutboxRow> Saved { get; } = [];

        public List<Guid> Withdrawn { get; } = [];

        public Guid? Transaction { get; private set; }

        /// <summary>What belongs to another transaction is past: it was committed and told, or it ended without a commit.</summary>
        public void BelongTo(Guid? transaction)
        {
            if (Transaction != transaction)
            {
                End();
                Transaction = transaction;
            }
        }

        public void End()
        {
            Saved.Clear();
            Withdrawn.Clear();
            Transaction = null;
        }
    }
}

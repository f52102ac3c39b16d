using Microsoft.EntityFrameworkCore;

namespace Gateway.SagaPersistence.Outbox;

/// <summary>Takes messages back that nobody needs any more. Scoped: it writes through the scope's context.</summary>
public sealed class OutboxWithdrawal<TDbContext>
    where TDbContext : DbContext
{
    private readonly TDbContext db;
    private readonly OutboxCommitInterceptor commits;

    internal OutboxWithdrawal(TDbContext db, OutboxCommitInterceptor commits)
    {
        this.db = db;
        this.commits = commits;
    }

    /// <summary>
    /// Deletes the commands that the outbox still holds for a correlation id, in the open transaction; after its commit none of them is
    /// sent. What is in the transport by then arrives all the same: its receiver has to deny it. Events stay: they tell what happened.
    /// </summary>
    /// <param name="correlationId">As given to the messages when they were sent.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>True when there was one.</returns>
    /// <exception cref="InvalidOperationException">No transaction is open.</exception>
    public async Task<bool> WithdrawAsync(Guid correlationId, CancellationToken cancellationToken)
    {
        var rows = await db.Set<OutboxRow>()
            .Where(row => row.CorrelationId == correlationId && !row.Published && row.DeadReason == null)
            .Select(row => new { row.Seq, row.MessageId })
            .ToListAsync(cancellationToken);
        if (rows.Count == 0)
        {
            return false;
        }

        var numbers = rows.ConvertAll(row => row.Seq);
        commits.Withdraw(db, rows.ConvertAll(row => row.MessageId));
        await db.Set<OutboxRow>().Where(row => numbers.Contains(row.Seq)).ExecuteDeleteAsync(cancellationToken);
        return true;
    }
}

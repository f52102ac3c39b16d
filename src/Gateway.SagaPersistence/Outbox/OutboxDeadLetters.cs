using Gateway.SagaPersistence.Writing;
using Microsoft.EntityFrameworkCore;

namespace Gateway.SagaPersistence.Outbox;

/// <summary>Messages that nobody sends any more, for the one who looks after them. Scoped: it reads and writes through the scope's context.</summary>
public sealed class OutboxDeadLetters<TDbContext>(TDbContext db, IWriteGate gate, TimeProvider clock)
    where TDbContext : DbContext
{
    /// <summary>Dead rows in their order, without their bodies being tracked.</summary>
    /// <param name="after">Behind this row; 0 from the first on.</param>
    /// <param name="limit">Most rows.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<List<OutboxRow>> ListAsync(long after, int limit, CancellationToken cancellationToken) =>
        db.Set<OutboxRow>().AsNoTracking().Where(row => row.DeadReason != null && row.Seq > after).OrderBy(row => row.Seq).Take(limit).ToListAsync(cancellationToken);

    /// <summary>One dead row; null when it is none.</summary>
    /// <param name="seq">Its number.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<OutboxRow?> FindAsync(long seq, CancellationToken cancellationToken) =>
        db.Set<OutboxRow>().AsNoTracking().FirstOrDefaultAsync(row => row.Seq == seq && row.DeadReason != null, cancellationToken);

    /// <summary>Gives a dead row back to the sweep, under its old message id: who has consumed it denies it. A message that had expired is sent all the same.</summary>
    /// <param name="seq">Its number.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>False when it is no dead row.</returns>
    public Task<bool> RedriveAsync(long seq, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return ChangeAsync(rows => rows.Where(row => row.Seq == seq && row.DeadReason != null).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.DeadReason, (string?)null)
                .SetProperty(row => row.LockedUntilMs, 0)
                .SetProperty(row => row.DueMs, now)
                .SetProperty(row => row.ExpiresMs, (long?)null),
            cancellationToken), cancellationToken);
    }

    /// <summary>Sets a dead row aside: it is kept and counts as dead no more. Parking it again changes nothing.</summary>
    /// <param name="seq">Its number.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>False when it is no dead row.</returns>
    public async Task<bool> ParkAsync(long seq, CancellationToken cancellationToken)
    {
        if (await FindAsync(seq, cancellationToken) is not { DeadReason: { } reason })
        {
            return false;
        }

        var parked = OutboxRow.ParkedMark + reason;
        parked = parked[..Math.Min(parked.Length, ModelBuilderExtensions.DeadReasonLength)];
        return OutboxRow.IsParked(reason) || await ChangeAsync(
            rows => rows.Where(row => row.Seq == seq && row.DeadReason == reason).ExecuteUpdateAsync(set => set.SetProperty(row => row.DeadReason, parked), cancellationToken),
            cancellationToken);
    }

    private async Task<bool> ChangeAsync(Func<DbSet<OutboxRow>, Task<int>> change, CancellationToken cancellationToken)
    {
        var changed = 0;
        await gate.WriteAsync(db, WritePriority.Completion, async _ => changed = await change(db.Set<OutboxRow>()), cancellationToken);
        return changed > 0;
    }
}

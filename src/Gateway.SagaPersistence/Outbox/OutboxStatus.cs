using Microsoft.EntityFrameworkCore;

namespace Gateway.SagaPersistence.Outbox;

/// <summary>What health and operators ask about the outbox. Scoped: it reads through the scope's context.</summary>
public sealed class OutboxStatus<TDbContext>(TDbContext db)
    where TDbContext : DbContext
{
    /// <summary>Rows that will still be sent or are waiting to be consumed, delayed ones included.</summary>
    public Task<long> CountPendingAsync(CancellationToken cancellationToken) =>
        db.Set<OutboxRow>().LongCountAsync(row => row.DeadReason == null, cancellationToken);

    /// <summary>Rows that nobody will send again; each names its reason.</summary>
    public Task<long> CountDeadAsync(CancellationToken cancellationToken) =>
        db.Set<OutboxRow>().LongCountAsync(row => row.DeadReason != null, cancellationToken);
}

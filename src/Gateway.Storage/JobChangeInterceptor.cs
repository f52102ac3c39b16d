using System.Data.Common;
using Gateway.Jobs.Reading;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Gateway.Storage;

/// <summary>Tells waiters what changed, after the commit and never before; what is rolled back is told to nobody.</summary>
internal sealed class JobChangeInterceptor(JobSignals signals) : DbTransactionInterceptor
{
    // A transaction that was dropped without a word leaves its changes in a context that a pool hands out again.
    public override DbTransaction TransactionStarted(DbConnection connection, TransactionEndEventData eventData, DbTransaction result)
    {
        (eventData.Context as GatewayDb)?.ForgetChanges();
        return result;
    }

    public override ValueTask<DbTransaction> TransactionStartedAsync(
        DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default)
    {
        (eventData.Context as GatewayDb)?.ForgetChanges();
        return ValueTask.FromResult(result);
    }

    public override void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) => Tell(eventData);

    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Tell(eventData);
        return Task.CompletedTask;
    }

    public override void TransactionRolledBack(DbTransaction transaction, TransactionEndEventData eventData) =>
        (eventData.Context as GatewayDb)?.ForgetChanges();

    public override Task TransactionRolledBackAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        (eventData.Context as GatewayDb)?.ForgetChanges();
        return Task.CompletedTask;
    }

    private void Tell(TransactionEndEventData eventData)
    {
        (eventData.Context as GatewayDb)?.Count();
        foreach (var change in (eventData.Context as GatewayDb)?.TakeChanges() ?? [])
        {
            signals.Announce(change);
        }
    }
}

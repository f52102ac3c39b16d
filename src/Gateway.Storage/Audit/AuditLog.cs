using Gateway.Jobs;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Leases;
using Gateway.SagaPersistence.Writing;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Audit;

/// <summary>Writes records that are not part of another transaction.</summary>
internal sealed class AuditLog(IDbContextFactory<GatewayDb> contexts, IWriteGate gate, StoreRetry retry, IStoreClock time, TimeProvider clock) : IAuditLog
{
    // Fail closed: who waits for the record is told within seconds that it cannot be written.
    private static readonly TimeSpan LongestWrite = TimeSpan.FromSeconds(10);

    public async Task AppendAsync(AuditRecord record, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(LongestWrite, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var now = time.GetUtcNow();
            await retry.RunAsync(async trial =>
            {
                await using var db = await contexts.CreateDbContextAsync(either.Token);
                return await gate.WriteAsync(
                    db,
                    WritePriority.Submit,
                    async token =>
                    {
                        // The commit of the try before may have succeeded, and its answer been lost.
                        var row = AuditRows.Of(record, now);
                        if (trial == 0 || !await db.Audit.AnyAsync(a => a.AtMs == row.AtMs && a.Record == row.Record, token))
                        {
                            db.Audit.Add(row);
                        }

                        return true;
                    },
                    either.Token);
            });
        }
        catch (OperationCanceledException problem) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new StoreUnavailableException("The audit record could not be written in time.", problem);
        }
        catch (Exception problem) when (StoreFaults.IsStoreFault(problem))
        {
            throw new StoreUnavailableException("The audit record could not be written.", problem);
        }
    }
}

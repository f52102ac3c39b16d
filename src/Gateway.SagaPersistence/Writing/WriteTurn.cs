using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Gateway.SagaPersistence.Writing;

/// <summary>A turn at the gate and the transaction in it; both end together, at the commit or at the latest when disposed.</summary>
internal sealed class WriteTurn(DbContext db, IWriteGate gate) : IAsyncDisposable
{
    private IDisposable? turn;
    private IDbContextTransaction? transaction;

    public async Task BeginAsync(WritePriority priority, CancellationToken cancellationToken)
    {
        // Opened outside the gate: nobody waits for a connection that somebody else opens.
        await db.Database.OpenConnectionAsync(cancellationToken);
        // A save that fails rolls everything back: a savepoint before each would be two statements for nothing.
        db.Database.AutoSavepointsEnabled = false;
        turn = await gate.EnterAsync(priority, cancellationToken);
        transaction = await db.Database.BeginTransactionAsync(cancellationToken);
    }

    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        if (transaction is not null)
        {
            await transaction.CommitAsync(cancellationToken);
        }

        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        var (open, mine) = (transaction, turn);
        (transaction, turn) = (null, null);
        try
        {
            if (open is not null)
            {
                await open.DisposeAsync();
            }
        }
        finally
        {
            mine?.Dispose();
        }
    }
}

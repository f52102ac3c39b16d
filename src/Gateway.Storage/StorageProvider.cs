using System.Data.Common;
using Gateway.SagaPersistence.Writing;

namespace Gateway.Storage;

/// <summary>Which database is in use, and what it says in other words than the others do.</summary>
public abstract class StorageProvider
{
    private protected StorageProvider()
    {
    }

    /// <summary>Word for people and for the health tool, such as <c>sqlite</c>.</summary>
    public abstract string Name { get; }

    /// <summary>True when many processes can share it.</summary>
    public abstract bool IsServer { get; }

    /// <summary>Asks the database for its time in Unix milliseconds; null where the process's own clock is the database's.</summary>
    internal abstract string? ClockStatement { get; }

    /// <summary>Reads the lease of the job {0} and keeps every other writer from it until the transaction ends; null where there is no other writer.</summary>
    internal abstract string? LockLeaseStatement { get; }

    /// <summary>
    /// Reads the oldest waiting job of each caller, tool and credential of a tenant: of the pool {0}, the priority {1} and the tenant {2}. From one to
    /// the next along the index, as often as there are callers, and not as often as there are jobs.
    /// </summary>
    internal abstract string LineHeadsStatement { get; }

    /// <summary>
    /// True for a fault that another try at once need not meet: a session that was ended, a deadlock, a row that another
    /// process stored first.
    /// </summary>
    internal abstract bool MayPass(DbException problem);

    /// <summary>True for a fault that no wait mends: a wrong password, a missing right, a table that stands in the way.</summary>
    internal virtual bool IsLasting(DbException problem) => false;

    /// <summary>
    /// Gives the room of removed rows back and sees that their bytes are read nowhere any more; a server does both by itself.
    /// </summary>
    /// <returns>False when it is to be asked again.</returns>
    internal virtual Task<bool> ReclaimAsync(GatewayDb db, IWriteGate gate, CancellationToken cancellationToken) => Task.FromResult(true);
}

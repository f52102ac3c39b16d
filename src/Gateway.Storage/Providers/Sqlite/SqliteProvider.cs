using System.Data.Common;
using Gateway.SagaPersistence.Writing;

namespace Gateway.Storage.Providers.Sqlite;

/// <summary>One process, one writer: nothing to lock, and no other clock.</summary>
internal sealed class SqliteProvider : StorageProvider
{
    public override string Name => "sqlite";

    public override bool IsServer => false;

    internal override string? ClockStatement => null;

    internal override string? LockLeaseStatement => null;

    // Nobody else writes, and the gate has let everybody else out: what failed will fail again.
    internal override bool MayPass(DbException problem) => false;

    internal override Task<bool> ReclaimAsync(GatewayDb db, IWriteGate gate, CancellationToken cancellationToken) => SqliteSpace.ReclaimAsync(db, gate, cancellationToken);
}

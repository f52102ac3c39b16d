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

    // Its planner seeks along the index for one column's range, and would read all of a caller's jobs for two columns compared as one.
    internal override string LineHeadsStatement => """
        WITH RECURSIVE heads AS (
            SELECT * FROM (SELECT "Grant", "GrantLabel", "Tool", "CredentialName", "DueAtMs" FROM "Jobs"
                WHERE "CurrentState" = 'Queued' AND "ReleasedAtMs" IS NULL AND "Pool" = {0} AND "Priority" = {1} AND "Tenant" = {2}
                ORDER BY "Grant", "Tool", "CredentialName", "DueAtMs" LIMIT 1)
            UNION ALL
            SELECT n."Grant", n."GrantLabel", n."Tool", n."CredentialName", n."DueAtMs" FROM heads AS h
            JOIN "Jobs" AS n ON n."JobId" = coalesce(
                (SELECT j."JobId" FROM "Jobs" AS j
                    WHERE j."CurrentState" = 'Queued' AND j."ReleasedAtMs" IS NULL AND j."Pool" = {0} AND j."Priority" = {1} AND j."Tenant" = {2}
                        AND j."Grant" = h."Grant" AND j."Tool" = h."Tool" AND j."CredentialName" > h."CredentialName"
                    ORDER BY j."CredentialName", j."DueAtMs" LIMIT 1),
                (SELECT j."JobId" FROM "Jobs" AS j
                    WHERE j."CurrentState" = 'Queued' AND j."ReleasedAtMs" IS NULL AND j."Pool" = {0} AND j."Priority" = {1} AND j."Tenant" = {2}
                        AND j."Grant" = h."Grant" AND j."Tool" > h."Tool"
                    ORDER BY j."Tool", j."CredentialName", j."DueAtMs" LIMIT 1),
                (SELECT j."JobId" FROM "Jobs" AS j
                    WHERE j."CurrentState" = 'Queued' AND j."ReleasedAtMs" IS NULL AND j."Pool" = {0} AND j."Priority" = {1} AND j."Tenant" = {2}
                        AND j."Grant" > h."Grant"
                    ORDER BY j."Grant", j."Tool", j."CredentialName", j."DueAtMs" LIMIT 1)))
        SELECT "Grant", "GrantLabel", "Tool", "CredentialName", "DueAtMs" FROM heads
        """;

    // Nobody else writes, and the gate has let everybody else out: what failed will fail again.
    internal override bool MayPass(DbException problem) => false;

    internal override Task<bool> ReclaimAsync(GatewayDb db, IWriteGate gate, CancellationToken cancellationToken) => SqliteSpace.ReclaimAsync(db, gate, cancellationToken);
}

using System.Data.Common;
using Npgsql;

namespace Gateway.Storage.Providers.PostgreSql;

/// <summary>PostgreSQL's own words.</summary>
internal sealed class PostgreSqlProvider : StorageProvider
{
    public override string Name => "postgresql";

    public override bool IsServer => true;

    // The time of the clock; now() would be the time of the transaction's start.
    internal override string ClockStatement => "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";

    internal override string LockLeaseStatement => """SELECT * FROM "RunLeases" WHERE "JobId" = {0} FOR UPDATE""";

    internal override string LineHeadsStatement => """
        WITH RECURSIVE heads AS (
            (SELECT "Grant", "GrantLabel", "Tool", "CredentialName", "DueAtMs" FROM "Jobs"
                WHERE "CurrentState" = 'Queued' AND "ReleasedAtMs" IS NULL AND "Pool" = {0} AND "Priority" = {1} AND "Tenant" = {2}
                ORDER BY "Grant", "Tool", "CredentialName", "DueAtMs" LIMIT 1)
            UNION ALL
            SELECT n.* FROM heads AS h CROSS JOIN LATERAL (SELECT j."Grant", j."GrantLabel", j."Tool", j."CredentialName", j."DueAtMs" FROM "Jobs" AS j
                WHERE j."CurrentState" = 'Queued' AND j."ReleasedAtMs" IS NULL AND j."Pool" = {0} AND j."Priority" = {1} AND j."Tenant" = {2}
                    AND (j."Grant", j."Tool", j."CredentialName") > (h."Grant", h."Tool", h."CredentialName")
                ORDER BY j."Grant", j."Tool", j."CredentialName", j."DueAtMs" LIMIT 1) AS n)
        SELECT "Grant", "GrantLabel", "Tool", "CredentialName", "DueAtMs" FROM heads
        """;

    // Classes: who may come in, what is there and who may do what, and which database there is.
    internal override bool IsLasting(DbException problem) => problem is PostgresException { SqlState: { } state }
        && (state.StartsWith("28", StringComparison.Ordinal) || state.StartsWith("42", StringComparison.Ordinal) || state.StartsWith("3D", StringComparison.Ordinal));

    internal override bool MayPass(DbException problem) => problem is NpgsqlException { IsTransient: true }
        || (problem is PostgresException { SqlState: { } state }
            // Ended by an administrator or a shutdown; a row that somebody else was first to store.
            && (state.StartsWith("57P", StringComparison.Ordinal) || state == PostgresErrorCodes.UniqueViolation));
}

using System.Data.Common;
using Microsoft.Data.SqlClient;

namespace Gateway.Storage.Providers.SqlServer;

/// <summary>SQL Server's own words.</summary>
internal sealed class SqlServerProvider : StorageProvider
{
    private const int Deadlock = 1205;
    private const int UniqueIndex = 2601;
    private const int UniqueConstraint = 2627;

    private const int NoRight = 229;
    private const int NoRightToCreate = 262;
    private const int NameTaken = 2714;

    public override string Name => "sqlserver";

    public override bool IsServer => true;

    internal override string ClockStatement => "SELECT DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME())";

    internal override string LockLeaseStatement => "SELECT * FROM [RunLeases] WITH (UPDLOCK, ROWLOCK) WHERE [JobId] = {0}";

    // TOP is not for the second half of a recursion.
    internal override string LineHeadsStatement => """
        WITH heads AS (
            SELECT * FROM (SELECT TOP (1) [Grant], [GrantLabel], [Tool], [CredentialName], [DueAtMs] FROM [Jobs]
                WHERE [CurrentState] = N'Queued' AND [ReleasedAtMs] IS NULL AND [Pool] = {0} AND [Priority] = {1} AND [Tenant] = {2}
                ORDER BY [Grant], [Tool], [CredentialName], [DueAtMs]) AS f
            UNION ALL
            SELECT n.[Grant], n.[GrantLabel], n.[Tool], n.[CredentialName], n.[DueAtMs] FROM (
                SELECT j.[Grant], j.[GrantLabel], j.[Tool], j.[CredentialName], j.[DueAtMs], ROW_NUMBER() OVER (ORDER BY j.[Grant], j.[Tool], j.[CredentialName], j.[DueAtMs]) AS place
                FROM heads AS h JOIN [Jobs] AS j ON j.[Grant] > h.[Grant] OR (j.[Grant] = h.[Grant] AND j.[Tool] > h.[Tool]) OR (j.[Grant] = h.[Grant] AND j.[Tool] = h.[Tool] AND j.[CredentialName] > h.[CredentialName])
                WHERE j.[CurrentState] = N'Queued' AND j.[ReleasedAtMs] IS NULL AND j.[Pool] = {0} AND j.[Priority] = {1} AND j.[Tenant] = {2}) AS n
            WHERE n.place = 1)
        SELECT [Grant], [GrantLabel], [Tool], [CredentialName], [DueAtMs] FROM heads OPTION (MAXRECURSION 0)
        """;

    // A wrong password is none of these: beside a new server the login is often made after the gateway has started.
    internal override bool IsLasting(DbException problem) => problem is SqlException { Number: NoRight or NoRightToCreate or NameTaken };

    // From severity 20 on the session is gone.
    internal override bool MayPass(DbException problem) =>
        problem is SqlException sql && (sql.IsTransient || sql.Class >= 20 || sql.Number is Deadlock or UniqueIndex or UniqueConstraint);
}

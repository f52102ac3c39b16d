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

    // A wrong password is none of these: beside a new server the login is often made after the gateway has started.
    internal override bool IsLasting(DbException problem) => problem is SqlException { Number: NoRight or NoRightToCreate or NameTaken };

    // From severity 20 on the session is gone.
    internal override bool MayPass(DbException problem) =>
        problem is SqlException sql && (sql.IsTransient || sql.Class >= 20 || sql.Number is Deadlock or UniqueIndex or UniqueConstraint);
}

using Microsoft.Data.SqlClient;

namespace Gateway.Storage.Providers.SqlServer;

/// <summary>How the server proves who it is: the driver checks its certificate by default, and a connection string can say otherwise.</summary>
internal static class SqlServerTls
{
    /// <summary>What is weaker than it could be; null when nothing is.</summary>
    public static string? WarningOf(SqlServerOptions options)
    {
        var connection = new SqlConnectionStringBuilder(options.Connection.Read());
        return connection.TrustServerCertificate ? "the connection string says TrustServerCertificate=true: whoever stands between could pose as the server. Give the server a certificate of an authority that this machine trusts"
            : connection.Encrypt == SqlConnectionEncryptOption.Optional ? "the connection string says Encrypt=false: whoever stands between can read and change what passes"
            : null;
    }
}

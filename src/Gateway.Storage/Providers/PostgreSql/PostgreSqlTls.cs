using System.Data.Common;
using System.Net;
using Npgsql;

namespace Gateway.Storage.Providers.PostgreSql;

/// <summary>
/// How the server proves who it is. The driver's own default takes any server, with or without TLS; here a server of another machine must
/// have a certificate that is right in name and issuer, unless the connection string says another <c>SSL Mode</c>.
/// </summary>
internal static class PostgreSqlTls
{
    /// <summary>The connection string with what it does not say itself.</summary>
    public static string Complete(PostgreSqlOptions options)
    {
        var text = options.Connection.Read();
        var connection = new NpgsqlConnectionStringBuilder(text);
        if (!SaysMode(text) && (IsRemote(connection) || !string.IsNullOrEmpty(options.CaFile)))
        {
            connection.SslMode = SslMode.VerifyFull;
        }

        if (!string.IsNullOrEmpty(options.CaFile))
        {
            connection.RootCertificate = options.CaFile;
        }

        return connection.ConnectionString;
    }

    /// <summary>What is weaker than it could be; null when nothing is.</summary>
    public static string? WarningOf(PostgreSqlOptions options)
    {
        var connection = new NpgsqlConnectionStringBuilder(Complete(options));
        return IsRemote(connection) && connection.SslMode is not (SslMode.VerifyFull or SslMode.VerifyCA)
            ? $"the connection string says SSL Mode={connection.SslMode}: whoever stands between could pose as the server. Leave it out, and name the server's authority with {PostgreSqlOptions.Section}:CaFile"
            : null;
    }

    private static bool SaysMode(string text) => new DbConnectionStringBuilder { ConnectionString = text }.Keys.Cast<string>()
        .Any(key => key.Replace(" ", "", StringComparison.Ordinal).Equals("sslmode", StringComparison.OrdinalIgnoreCase));

    // Several hosts, each with a port of its own, may stand there; a path is a socket of this machine.
    private static bool IsRemote(NpgsqlConnectionStringBuilder connection) =>
        (connection.Host ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Any(host => !IsThisMachine(host));

    private static bool IsThisMachine(string host) =>
        host.StartsWith('/') || host.StartsWith('@') || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase)
        || (IPEndPoint.TryParse(host, out var end) && IPAddress.IsLoopback(end.Address));
}

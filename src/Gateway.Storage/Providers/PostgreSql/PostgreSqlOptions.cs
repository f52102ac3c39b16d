using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Gateway.Storage.Providers.PostgreSql;

/// <summary>The database on a PostgreSQL server. Section <c>Storage:PostgreSql</c>; read only when <c>Storage:Provider</c> is <c>PostgreSql</c>.</summary>
public sealed class PostgreSqlOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Storage:PostgreSql";

    /// <summary>Connection string of Npgsql, such as <c>Host=localhost;Database=gateway;Username=gateway;Password=…</c>. Exactly one of this and the file.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>File that holds the connection string alone, for secrets that no setting and no environment should hold.</summary>
    public string? ConnectionStringFile { get; set; }

    /// <summary>
    /// PEM file with the authorities that may vouch for the server, instead of the machine's; with it the certificate is checked on this
    /// machine too. Default: none, and a server of another machine is checked by the machine's, unless the connection string has an <c>SSL Mode</c>.
    /// </summary>
    public string? CaFile { get; set; }

    /// <summary>The two as one.</summary>
    internal ConnectionSetting Connection => new(Section, ConnectionString, ConnectionStringFile);
}

/// <summary>Checks <see cref="PostgreSqlOptions"/> at start, when this is the database that was chosen.</summary>
internal sealed class PostgreSqlOptionsValidator(IOptions<StorageChoice> storage) : IValidateOptions<PostgreSqlOptions>
{
    public ValidateOptionsResult Validate(string? name, PostgreSqlOptions options)
    {
        var faults = storage.Value.Kind == StorageKind.PostgreSql ? (string[])[.. options.Connection.Faults(Missing), .. CaFaults(options.CaFile)] : [];
        return faults.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> CaFaults(string? file)
    {
        if (string.IsNullOrEmpty(file))
        {
            return [];
        }

        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(file);
            return authorities.Count > 0 ? [] : [$"{PostgreSqlOptions.Section}:CaFile names '{file}', which holds no certificate in PEM."];
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return [$"{PostgreSqlOptions.Section}:CaFile names '{file}', which cannot be read: {problem.GetType().Name}."];
        }
    }

    private static IEnumerable<string> Missing(string text)
    {
        var connection = new NpgsqlConnectionStringBuilder(text);
        if (string.IsNullOrEmpty(connection.Host))
        {
            yield return "names no Host";
        }

        if (string.IsNullOrEmpty(connection.Database))
        {
            yield return "names no Database";
        }
    }
}

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

    /// <summary>The two as one.</summary>
    internal ConnectionSetting Connection => new(Section, ConnectionString, ConnectionStringFile);
}

/// <summary>Checks <see cref="PostgreSqlOptions"/> at start, when this is the database that was chosen.</summary>
internal sealed class PostgreSqlOptionsValidator(IOptions<StorageChoice> storage) : IValidateOptions<PostgreSqlOptions>
{
    public ValidateOptionsResult Validate(string? name, PostgreSqlOptions options)
    {
        var faults = storage.Value.Kind == StorageKind.PostgreSql ? options.Connection.Faults(Missing) : [];
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
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

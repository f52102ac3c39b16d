using Microsoft.Extensions.Options;
using Microsoft.Data.SqlClient;

namespace Gateway.Storage.Providers.SqlServer;

/// <summary>The database on a SQL Server server. Section <c>Storage:SqlServer</c>; read only when <c>Storage:Provider</c> is <c>SqlServer</c>.</summary>
public sealed class SqlServerOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Storage:SqlServer";

    /// <summary>Connection string of Microsoft.Data.SqlClient, such as <c>Server=localhost;Database=gateway;User ID=gateway;Password=…</c>. Exactly one of this and the file.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>File that holds the connection string alone, for secrets that no setting and no environment should hold.</summary>
    public string? ConnectionStringFile { get; set; }

    /// <summary>The two as one.</summary>
    internal ConnectionSetting Connection => new(Section, ConnectionString, ConnectionStringFile);
}

/// <summary>Checks <see cref="SqlServerOptions"/> at start, when this is the database that was chosen.</summary>
internal sealed class SqlServerOptionsValidator(IOptions<StorageChoice> storage) : IValidateOptions<SqlServerOptions>
{
    public ValidateOptionsResult Validate(string? name, SqlServerOptions options)
    {
        if (storage.Value.Kind != StorageKind.SqlServer)
        {
            return ValidateOptionsResult.Success;
        }

        IReadOnlyList<string> faults = [.. options.Connection.Faults(Missing), .. WithoutCultures()];
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    // The driver opens no connection in such a process. The gateway needs no cultures otherwise, and starts where their data is not installed.
    private static IEnumerable<string> WithoutCultures()
    {
        if (AppContext.TryGetSwitch("System.Globalization.Invariant", out var isOn) && isOn)
        {
            yield return "Storage:Provider=SqlServer: its driver needs cultures, and this process runs without. Install libicu, and set System.Globalization.Invariant to false in the program's .runtimeconfig.json.";
        }
    }

    private static IEnumerable<string> Missing(string text)
    {
        var connection = new SqlConnectionStringBuilder(text);
        if (string.IsNullOrEmpty(connection.DataSource))
        {
            yield return "names no Server";
        }

        if (string.IsNullOrEmpty(connection.InitialCatalog))
        {
            yield return "names no Database";
        }
    }
}

using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Gateway.Storage.Providers.Sqlite;

/// <summary>The embedded database. Section <c>Storage:Sqlite</c>.</summary>
public sealed class SqliteOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Storage:Sqlite";

    /// <summary>The database file; its folder is made with mode 0700. Default: <c>gateway.db</c> in the data folder.</summary>
    [Required]
    public string File { get; set; } = "";

    /// <summary>
    /// <c>FULL</c> (default): a commit survives power loss. <c>NORMAL</c>: it survives a crash of the process, but the last
    /// ones may be lost with the power; about ten times cheaper.
    /// </summary>
    [RegularExpression("FULL|NORMAL")]
    public string Synchronous { get; set; } = "FULL";
}

/// <summary>Checks the attributes of <see cref="SqliteOptions"/>.</summary>
[OptionsValidator]
internal sealed partial class SqliteAttributes : IValidateOptions<SqliteOptions>;

/// <summary>Checks <see cref="SqliteOptions"/> at start, when this is the database that was chosen.</summary>
internal sealed class SqliteOptionsValidator(IOptions<StorageChoice> storage) : IValidateOptions<SqliteOptions>
{
    private readonly SqliteAttributes attributes = new();

    public ValidateOptionsResult Validate(string? name, SqliteOptions options) =>
        storage.Value.Kind == StorageKind.Sqlite ? attributes.Validate(name, options) : ValidateOptionsResult.Success;
}

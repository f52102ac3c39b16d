using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Gateway.Storage.Providers;

/// <summary>Which database keeps the jobs. Section <c>Storage</c>.</summary>
public sealed class StorageOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Storage";

    /// <summary><c>Sqlite</c> (default), <c>PostgreSql</c> or <c>SqlServer</c>; each has a section of its own below this one.</summary>
    public string Provider { get; set; } = nameof(StorageKind.Sqlite);

    /// <summary>How long a start waits for a server that does not answer yet: 0 to 10 min. Default: 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The database that a setting names; null for a name that is none.</summary>
    internal static StorageKind? KindOf(string provider) => Enum.GetNames<StorageKind>().FirstOrDefault(name => name.Equals(provider, StringComparison.OrdinalIgnoreCase)) is { } name
        ? Enum.Parse<StorageKind>(name)
        : null;
}

/// <summary>The choice alone, from the same section: it can be read while another setting beside it is still to be found wrong.</summary>
internal sealed class StorageChoice
{
    public string Provider { get; set; } = nameof(StorageKind.Sqlite);

    public StorageKind? Kind => StorageOptions.KindOf(Provider);
}

/// <summary>Checks the attributes of <see cref="StorageOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class StorageOptionsValidator : IValidateOptions<StorageOptions>;

/// <summary>Checks that <see cref="StorageOptions.Provider"/> names a database.</summary>
internal sealed class StorageKindValidator : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options) => StorageOptions.KindOf(options.Provider) is null
        ? ValidateOptionsResult.Fail($"Storage:Provider must be {string.Join(", ", Enum.GetNames<StorageKind>()[..^1])} or {Enum.GetNames<StorageKind>()[^1]}, not '{options.Provider}'.")
        : ValidateOptionsResult.Success;
}

using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Gateway.Hosting.Settings;

/// <summary>Where a gateway keeps what it owns. Section <c>Data</c>.</summary>
public sealed class DataOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Data";

    /// <summary>
    /// Folder for database, keys, spool and the runs' homes; made with mode 0700. Default: <c>gateway</c> in the user's
    /// data folder (<c>$XDG_DATA_HOME</c>, else <c>~/.local/share</c>). At most 80 bytes, since a socket lies in it.
    /// </summary>
    [Required]
    public string Folder { get; set; } = "";
}

/// <summary>Checks the attributes of <see cref="DataOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class DataOptionsValidator : IValidateOptions<DataOptions>;

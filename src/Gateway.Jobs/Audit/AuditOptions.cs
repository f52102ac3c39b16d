using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Gateway.Jobs.Audit;

/// <summary>What is recorded beside what must be, and how it is kept. Section <c>Audit</c>.</summary>
public sealed class AuditOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Audit";

    /// <summary>
    /// Absolute path of a file of mode 0600 with the keys of the audit log, for gateways that share a database: lines <c>ID SECRET</c>, the
    /// first in use, the others known still. Default: <c>audit-key</c> in the data folder, made at the first start.
    /// </summary>
    public string? KeyFile { get; set; }

    /// <summary>Allowed calls of tools that change nothing are recorded too. Default: false.</summary>
    public bool Reads { get; set; }

    /// <summary>
    /// Time between two looks for records that are not sealed, and for another key in the file; while this process records nothing, five
    /// times as long. 0.1 s to 1 min; default 2 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan SealInterval { get; set; } = TimeSpan.FromSeconds(2);
}

/// <summary>Checks the attributes of <see cref="AuditOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class AuditOptionsValidator : IValidateOptions<AuditOptions>;

/// <summary>Checks the place of the keys.</summary>
internal sealed class AuditKeyFileValidator : IValidateOptions<AuditOptions>
{
    public ValidateOptionsResult Validate(string? name, AuditOptions options) => options.KeyFile is { Length: > 0 } file && !Path.IsPathRooted(file)
        ? ValidateOptionsResult.Fail($"{AuditOptions.Section}:KeyFile must be an absolute path, not '{file}'.")
        : ValidateOptionsResult.Success;
}

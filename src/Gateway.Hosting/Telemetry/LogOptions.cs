using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Gateway.Hosting.Telemetry;

/// <summary>The form of the log. Section <c>Logging</c>.</summary>
public sealed class LogOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Logging";

    /// <summary><c>text</c> (default): a line for people. <c>json</c>: one JSON object a line. Both on standard error.</summary>
    [RegularExpression("(?i)text|json", ErrorMessage = "Logging:Format must be text or json.")]
    public string Format { get; set; } = "text";

    /// <summary>Whether the log is JSON.</summary>
    internal bool IsJson => Format.Equals("json", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Checks the attributes of <see cref="LogOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class LogOptionsValidator : IValidateOptions<LogOptions>;

using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Providers.Gemini;

/// <summary>Section <c>Gemini</c>: how Gemini CLI is started on this worker.</summary>
public sealed class GeminiOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Gemini";

    /// <summary>
    /// The CLI: an absolute path, or a name that is looked for on <see cref="SearchPath"/>. It is a script for Node.js, which
    /// its first line looks for there too. Default <c>gemini</c>.
    /// </summary>
    [Required]
    public string Program { get; set; } = "gemini";

    /// <summary>Directories, divided by colons, that runs have as <c>PATH</c> and in which <see cref="Program"/> is looked for. Default <c>/usr/local/bin:/usr/bin:/bin</c>.</summary>
    [Required]
    public string SearchPath { get; set; } = "/usr/local/bin:/usr/bin:/bin";

    /// <summary>How often the CLI tries a call of the model provider. 1 to 10, default 10. A login's own settings are not changed.</summary>
    [Range(1, 10)]
    public int MaxAttempts { get; set; } = 10;

    /// <summary>Address of the model provider's API, https or loopback; none means the CLI's own. Default none.</summary>
    [Url]
    public string? BaseUrl { get; set; }
}

/// <summary>Refuses settings at start, naming them.</summary>
[OptionsValidator]
internal sealed partial class GeminiOptionsValidator : IValidateOptions<GeminiOptions>;

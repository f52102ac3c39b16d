using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Providers.Claude;

/// <summary>Section <c>Claude</c>: how Claude Code is started on this worker.</summary>
public sealed class ClaudeOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Claude";

    /// <summary>The CLI: an absolute path, or a name that is looked for on <see cref="SearchPath"/>. Default <c>claude</c>.</summary>
    [Required]
    public string Program { get; set; } = "claude";

    /// <summary>Directories, divided by colons, that runs have as <c>PATH</c> and in which <see cref="Program"/> is looked for. Default <c>/usr/local/bin:/usr/bin:/bin</c>.</summary>
    [Required]
    public string SearchPath { get; set; } = "/usr/local/bin:/usr/bin:/bin";

    /// <summary>How often the CLI repeats a failed call of the model provider. 0 to 50, default 10.</summary>
    [Range(0, 50)]
    public int MaxRetries { get; set; } = 10;

    /// <summary>How long the CLI waits for one answer of the model provider. 1 second to 1 hour, default 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ApiTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Address of the model provider's API; none means the CLI's own. Default none.</summary>
    [Url]
    public string? BaseUrl { get; set; }
}

/// <summary>Refuses settings at start, naming them.</summary>
[OptionsValidator]
internal sealed partial class ClaudeOptionsValidator : IValidateOptions<ClaudeOptions>;

using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Gateway.Execution.Providers.Codex;

/// <summary>Section <c>Codex</c>: how Codex is started on this worker.</summary>
public sealed class CodexOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Codex";

    /// <summary>The CLI: an absolute path, or a name that is looked for on <see cref="SearchPath"/>; the front of its npm package will do. Default <c>codex</c>.</summary>
    [Required]
    public string Program { get; set; } = "codex";

    /// <summary>Directories, divided by colons, that runs have as <c>PATH</c> and in which <see cref="Program"/> is looked for. Default <c>/usr/local/bin:/usr/bin:/bin</c>.</summary>
    [Required]
    public string SearchPath { get; set; } = "/usr/local/bin:/usr/bin:/bin";

    /// <summary>How often the CLI repeats a request of the model provider that failed. 0 to 100, default 4. A login without <see cref="BaseUrl"/> keeps the CLI's own number.</summary>
    [Range(0, 100)]
    public int RequestMaxRetries { get; set; } = 4;

    /// <summary>How often the CLI begins an answer anew that broke off or failed: each time with as many requests as <see cref="RequestMaxRetries"/> allows. 0 to 100, default 5. A login without <see cref="BaseUrl"/> keeps the CLI's own number.</summary>
    [Range(0, 100)]
    public int StreamMaxRetries { get; set; } = 5;

    /// <summary>
    /// How long the CLI waits for the next piece of an answer before it counts it as broken off; one that does not begin at all is
    /// left to the job's idle time. 1 second to 1 hour, default 5 minutes. A login without <see cref="BaseUrl"/> keeps the CLI's own time.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan StreamIdleTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Address of the model provider's API, with its version, such as <c>https://api.openai.com/v1</c>; none means the CLI's own. Default none.</summary>
    [Url]
    public string? BaseUrl { get; set; }
}

/// <summary>Refuses settings at start, naming them.</summary>
[OptionsValidator]
internal sealed partial class CodexOptionsValidator : IValidateOptions<CodexOptions>;

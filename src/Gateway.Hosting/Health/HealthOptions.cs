using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Gateway.Hosting.Health;

/// <summary>How a host tells whether it lives and is ready. Section <c>Health</c>.</summary>
public sealed class HealthOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Health";

    /// <summary>
    /// Address of a listener for <c>/health/live</c> and <c>/health/ready</c> alone, such as <c>http://127.0.0.1:7421</c>. For a worker,
    /// which serves nothing else. Default: none; the API answers both on its own address.
    /// </summary>
    public string? Url { get; set; }

    /// <summary>How long one check may take before it counts as failed: 100 ms to 1 min, default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a host that is told to stop goes on serving, with <c>/health/ready</c> at 503, so that a load balancer sends nobody here
    /// any more: 0 (default) to 5 min. It counts as part of the stop.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan DrainNotice { get; set; }
}

/// <summary>Checks the attributes of <see cref="HealthOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class HealthOptionsValidator : IValidateOptions<HealthOptions>;

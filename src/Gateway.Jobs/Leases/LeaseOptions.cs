using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Gateway.Jobs.Leases;

/// <summary>How long a worker may be silent. Section <c>Leases</c>.</summary>
public sealed class LeaseOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Leases";

    /// <summary>
    /// Length of a lease: a run whose worker was not heard for so long is lost. At least three heartbeats and the runner's
    /// margin. 3 s to 24 h; default 15 min, since in the embedded shape nobody else could take the run.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:03", "1.00:00:00")]
    public TimeSpan Duration { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often ended leases are looked for. 100 ms to 1 min; default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(5);
}

/// <summary>Checks the attributes of <see cref="LeaseOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class LeaseOptionsValidator : IValidateOptions<LeaseOptions>;

using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Gateway.Jobs.Admission;

/// <summary>What the server takes in. Section <c>Jobs</c>.</summary>
public sealed class JobsOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Jobs";

    /// <summary>Most jobs that may wait at once; a submit beyond it is refused with <c>queue_full</c>. 1 to 1,000,000; default 10,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxQueued { get; set; } = 10_000;

    /// <summary>
    /// Longest that a job waits for a worker from when it may start; then it fails as <c>expired</c>. Parking, pauses before another
    /// attempt and the turns of a session do not count. 1 s to 365 days; default: no limit.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan? MaxQueueWait { get; set; }

    /// <summary>Shortest time that an idempotency key is remembered; a job that lives longer keeps its key. 1 min to 30 days; default 24 h.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan IdempotencyWindow { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long after its start a job is given to an equal call of the same caller. 0 to 7 days, 0 for never; default 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan DedupWindow { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Whether lists show the first 120 characters of prompts to their owners. Default true.</summary>
    public bool PromptPreviews { get; set; } = true;
}

/// <summary>Checks the attributes of <see cref="JobsOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class JobsOptionsValidator : IValidateOptions<JobsOptions>;

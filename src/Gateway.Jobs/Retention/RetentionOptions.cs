using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Gateway.Jobs.Retention;

/// <summary>How long is kept what nobody works on any more. Section <c>Retention</c>.</summary>
public sealed class RetentionOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Retention";

    /// <summary>
    /// How long prompt, arguments, output, transcript and events of a job are kept after its end; whoever asks for them later is
    /// told that they are gone. 1 min to 3,650 d; default 30 d.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan Content { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// How long the job itself is kept after its end: its state, times, cost and failure; afterwards it is unknown. At least
    /// <see cref="Content"/>; 1 min to 3,650 d; default 90 d.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan Jobs { get; set; } = TimeSpan.FromDays(90);

    /// <summary>
    /// How long a session is kept after its last use, that is after a job of it was accepted or has ended. Until then the transcript
    /// from which its next job goes on is kept too, whatever <see cref="Content"/> says, and the job that left it. 1 min to 3,650 d;
    /// default 30 d.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan Sessions { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a message that no consumer could take is kept for the operator. 1 min to 3,650 d; default 30 d.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan DeadMessages { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long records of the audit log are kept. Those that are not sealed stay, and none goes before an older one. 1 d to 3,650 d; default 365 d.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan Audit { get; set; } = TimeSpan.FromDays(365);

    /// <summary>How often is looked for what is too old. 1 s to 1 d; default 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Most jobs, keys or messages that one transaction removes, so that no other writer waits long. 1 to 1,000; default 20.</summary>
    [Range(1, 1_000)]
    public int Batch { get; set; } = 20;
}

/// <summary>Checks the attributes of <see cref="RetentionOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class RetentionOptionsValidator : IValidateOptions<RetentionOptions>;

/// <summary>Checks that a job is not forgotten before what belongs to it.</summary>
internal sealed class RetentionOrderValidator : IValidateOptions<RetentionOptions>
{
    public ValidateOptionsResult Validate(string? name, RetentionOptions options) => options.Jobs >= options.Content
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail($"Retention:Jobs ({options.Jobs}) must not be shorter than Retention:Content ({options.Content}): a job outlives its output.");
}

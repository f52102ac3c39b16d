using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Gateway.Jobs.Parking;

/// <summary>What happens when a model provider's usage limit is reached. Section <c>Parking</c>.</summary>
public sealed class ParkingOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Parking";

    /// <summary>What becomes of a job that does not say so itself (<c>onUsageLimit</c>): <c>Park</c> or <c>Fail</c>. Default <c>Park</c>.</summary>
    [EnumDataType(typeof(UsageLimitChoice))]
    public UsageLimitChoice OnUsageLimit { get; set; }

    /// <summary>How long a credential rests whose provider did not say when its limit ends. 10 s to 24 h; default 15 min.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan UnknownReset { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Longest that one job is parked, all times together; a job that would have to wait longer fails at once. Also the longest
    /// that a credential rests after one report. 1 min to 7 days; default 24 h.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan Most { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Over so long after the reset the parked jobs come back, each at a moment of its own. 0 to 60 s; default 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan Spread { get; set; } = TimeSpan.FromSeconds(60);
}

/// <summary>Checks the attributes of <see cref="ParkingOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class ParkingOptionsValidator : IValidateOptions<ParkingOptions>;

using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Policies;

/// <summary>Where the policy files are. Section <c>Policies</c>.</summary>
internal sealed class PolicyOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Policies";

    /// <summary>
    /// Folder of the files. With a <c>grants.json</c> in it, that file says who is who; without one, <c>NAME.json</c> is the
    /// policy of the API keys with the label NAME. Default: <c>policies</c> in the data folder, if it is there.
    /// </summary>
    public string? Folder { get; set; }

    /// <summary>One policy for every API key, in place of a folder. Default: none.</summary>
    public string? File { get; set; }

    /// <summary>Time between two looks at the files, 0.1 s to 2 s; default 1 s. Every fifth look reads them whole, whatever their times say.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:02")]
    public TimeSpan LookInterval { get; set; } = TimeSpan.FromSeconds(1);
}

/// <summary>Checks the attributes of <see cref="PolicyOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class PolicyOptionsValidator : IValidateOptions<PolicyOptions>;

using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Auth.SignIn;

/// <summary>Section <c>Edge:SignIn</c>: how often it may fail to prove who calls. A right key is let in above these limits too.</summary>
internal sealed class SignInOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Edge:SignIn";

    /// <summary>
    /// Failures of one address (of IPv6: of one /64) in a <see cref="Window"/>, 1 to 10,000. Above it keys that this process has never seen are
    /// refused without a look into the store. Default: 60.
    /// </summary>
    [Range(1, 10_000)]
    public int FailuresPerAddress { get; init; } = 60;

    /// <summary>Failures with one prefix of a key in a <see cref="Window"/>, from all addresses, 1 to 10,000: what one client that repeats a wrong key uses up. Default: 5.</summary>
    [Range(1, 10_000)]
    public int FailuresPerPrefix { get; init; } = 5;

    /// <summary>Time in which a used-up limit is whole again; its share comes back bit by bit. 1 s to 1 h, default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>Checks the attributes of <see cref="SignInOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class SignInOptionsValidator : IValidateOptions<SignInOptions>;

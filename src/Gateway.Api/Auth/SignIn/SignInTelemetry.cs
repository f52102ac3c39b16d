using System.Diagnostics.Metrics;

namespace Gateway.Api.Auth.SignIn;

/// <summary>Every name under which the edge tells of sign-ins.</summary>
internal static class SignInTelemetry
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "Gateway.Edge";

    /// <summary>Counter: sign-ins that failed, with <see cref="WayTag"/> and <see cref="ResultTag"/>.</summary>
    public const string Failures = "gateway.signin.failures";

    /// <summary>Tag: key, token or other.</summary>
    public const string WayTag = "gateway.signin.way";

    /// <summary>Tag: refused, or limited for one over a limit.</summary>
    public const string ResultTag = "gateway.signin.result";

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Count = Meter.CreateCounter<long>(Failures, "{call}", "Calls whose key or token opens nothing.");

    public static void Failed(SignInWay way, bool isLimited) => Count.Add(
        1,
        new KeyValuePair<string, object?>(WayTag, way switch { SignInWay.Key => "key", SignInWay.Token => "token", _ => "other" }),
        new KeyValuePair<string, object?>(ResultTag, isLimited ? "limited" : "refused"));
}

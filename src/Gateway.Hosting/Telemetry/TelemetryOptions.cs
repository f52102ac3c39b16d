using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Gateway.Hosting.Telemetry;

/// <summary>Where traces and metrics go. Section <c>Telemetry</c>. Without an endpoint none are made, and nothing is sent anywhere.</summary>
public sealed class TelemetryOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Telemetry";

    /// <summary>Address of an OTLP collector, such as <c>http://127.0.0.1:4317</c>; no user or password in it. Empty, and by default: none.</summary>
    public string? OtlpEndpoint { get; set; }

    /// <summary><c>Grpc</c> (default, usually port 4317) or <c>HttpProtobuf</c> (usually port 4318; <c>/v1/traces</c> and <c>/v1/metrics</c> are put behind the address).</summary>
    [RegularExpression("(?i)grpc|httpprotobuf", ErrorMessage = "Telemetry:OtlpProtocol must be Grpc or HttpProtobuf.")]
    public string OtlpProtocol { get; set; } = "Grpc";

    /// <summary>Whether traces are sent too: true by default. False where the endpoint takes metrics alone, as Prometheus does.</summary>
    public bool Traces { get; set; } = true;

    /// <summary>Time between two reports of the metrics: 1 s to 10 min, default 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan MetricsInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether an endpoint is named that can be one.</summary>
    internal bool HasEndpoint => EndpointOf(OtlpEndpoint) is not null;

    internal static Uri? EndpointOf(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0 ? url : null;
}

/// <summary>Checks the attributes of <see cref="TelemetryOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class TelemetryOptionsValidator : IValidateOptions<TelemetryOptions>;

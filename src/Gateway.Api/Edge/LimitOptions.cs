using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Edge;

/// <summary>Section <c>Edge:Limits</c>: what connections and requests may take up before anybody knows who sends them.</summary>
internal sealed class LimitOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Edge:Limits";

    /// <summary>Connections at once on one address of the gateway, 10 to 100,000; one more is closed. Default: 5,000.</summary>
    [Range(10, 100_000)]
    public int MaxConnections { get; init; } = 5_000;

    /// <summary>
    /// Of them from one caller's address (of IPv6: from one /64), 1 to 100,000, so that one machine alone cannot take all. Proxies of
    /// <c>Edge:TrustedProxies</c> are not counted. Default: 1,000.
    /// </summary>
    [Range(1, 100_000)]
    public int MaxConnectionsPerAddress { get; init; } = 1_000;

    /// <summary>Size of all headers of a request in bytes, 4 KiB to 64 KiB; tokens with many claims are long. Default: 32 KiB.</summary>
    [Range(4 * 1024, 64 * 1024)]
    public int MaxHeadersBytes { get; init; } = 32 * 1024;

    /// <summary>Number of headers of a request, 20 to 1,000. Default: 100.</summary>
    [Range(20, 1_000)]
    public int MaxHeaders { get; init; } = 100;

    /// <summary>How long a request may take to send its headers, and a caller to agree on TLS: 1 s to 2 min, default 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:02:00")]
    public TimeSpan HeadersTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a connection may lie idle between requests: 5 s to 1 h, default 2 min.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00")]
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Least speed of a body in bytes per second, from 5 s after its start: 1 to 1,000,000. A slower one is 408. Default: 240.</summary>
    [Range(1, 1_000_000)]
    public int MinBodyBytesPerSecond { get; init; } = 240;

    /// <summary>Requests at once on one HTTP/2 connection, 1 to 1,000. Default: 100.</summary>
    [Range(1, 1_000)]
    public int MaxStreamsPerConnection { get; init; } = 100;
}

/// <summary>Checks the attributes of <see cref="LimitOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class LimitOptionsValidator : IValidateOptions<LimitOptions>;

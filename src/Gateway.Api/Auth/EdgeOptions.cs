using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Gateway.Api.Auth;

/// <summary>Section <c>Edge</c>: what an HTTP request must look like before anybody asks who sent it.</summary>
internal sealed class EdgeOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Edge";

    /// <summary>Names that <c>Host</c> may carry beside <c>localhost</c>, <c>127.0.0.1</c> and <c>[::1]</c>. Default: none.</summary>
    public IList<string> AllowedHosts { get; init; } = [];

    /// <summary>Origins such as <c>https://tools.example.com</c> that browsers may call from, beside those of the loopback names. Default: none.</summary>
    public IList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Largest body of a request in bytes, 64 KiB to 64 MiB. Default: 8 MiB.</summary>
    [Range(64 * 1024, 64 * 1024 * 1024)]
    public int MaxRequestBodyBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Deepest nesting of a body in levels, 8 to 64. Default: 64.</summary>
    [Range(8, 64)]
    public int MaxJsonDepth { get; init; } = 64;

    /// <summary>
    /// Addresses and networks (<c>10.0.0.5</c>, <c>10.0.0.0/24</c>) of proxies that end TLS before the gateway. Only they may say with
    /// <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c> who called and how. Default: none.
    /// </summary>
    public IList<string> TrustedProxies { get; init; } = [];

    /// <summary>Whether addresses that other machines can reach are served without TLS though no proxy is named. Default: false, and such a start is refused.</summary>
    public bool AllowPlainHttp { get; init; }

    /// <summary>Whether an address is one of <see cref="TrustedProxies"/>.</summary>
    internal bool IsTrustedProxy(IPAddress? address)
    {
        var plain = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        return plain is not null && TrustedProxies.Any(proxy => IPNetwork.TryParse(proxy, out var network) ? network.Contains(plain) : IPAddress.TryParse(proxy, out var one) && one.Equals(plain));
    }
}

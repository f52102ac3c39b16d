using System.Net;
using Gateway.Api.Auth;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Edge;

/// <summary>Names that could never match stop the start: they would be rights, or walls, that silently are not there.</summary>
internal sealed class EdgeRulesValidator : IValidateOptions<EdgeOptions>
{
    public ValidateOptionsResult Validate(string? name, EdgeOptions options)
    {
        string[] faults =
        [
            .. options.TrustedProxies.Where(proxy => !IsProxy(proxy)).Select(proxy =>
                $"Edge:TrustedProxies holds '{proxy}'. It takes addresses such as 10.0.0.5, and networks such as 10.0.0.0/24 that are not everybody."),
            .. options.AllowedHosts.Where(host => !IsHost(host)).Select(host =>
                $"Edge:AllowedHosts holds '{host}'. It takes names such as gateway.example.com, without scheme, port and path."),
            .. options.AllowedOrigins.Where(origin => !IsOrigin(origin)).Select(origin =>
                $"Edge:AllowedOrigins holds '{origin}'. It takes origins such as https://tools.example.com, without a path."),
        ];
        return faults.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static bool IsProxy(string proxy) => IPNetwork.TryParse(proxy, out var network) ? network.PrefixLength > 0 : IPAddress.TryParse(proxy, out _);

    // A star alone would switch the check off.
    private static bool IsHost(string host) => host.Length > 0 && host != "*" && !host.Contains('/', StringComparison.Ordinal)
        && Uri.CheckHostName(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host.Trim('[', ']')) != UriHostNameType.Unknown;

    private static bool IsOrigin(string origin) => Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
        && uri.UserInfo.Length == 0 && origin.TrimEnd('/').Equals(uri.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase);
}

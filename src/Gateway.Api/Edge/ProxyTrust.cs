using System.Net;
using Gateway.Api.Auth;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace Gateway.Api.Edge;

/// <summary>
/// Takes <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c> from the proxies that are named, and from nobody else: after everything
/// else that may have set these options, such as the framework's own switch, which would believe everybody.
/// </summary>
internal sealed class ProxyTrust(IOptions<EdgeOptions> edge) : IPostConfigureOptions<ForwardedHeadersOptions>
{
    public void PostConfigure(string? name, ForwardedHeadersOptions options)
    {
        var proxies = edge.Value.TrustedProxies;
        options.ForwardedHeaders = proxies.Count == 0 ? ForwardedHeaders.None : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;

        // As many as are named one behind the other: the first that is not ends the way.
        options.ForwardLimit = null;
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in proxies)
        {
            if (IPNetwork.TryParse(proxy, out var network))
            {
                options.KnownIPNetworks.Add(network);
            }
            else if (IPAddress.TryParse(proxy, out var address))
            {
                options.KnownProxies.Add(address);
            }
        }
    }
}

using System.Net;
using Gateway.Api.Auth;
using Gateway.Api.Edge.Tls;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Edge;

/// <summary>The web server's limits, and TLS on every address of the network. The operators' socket has neither.</summary>
internal sealed class KestrelSetup(IOptions<LimitOptions> options, IOptions<EdgeOptions> edge, IOptions<TlsOptions> tls, AddressLimit addresses, IServiceProvider services)
    : IConfigureOptions<KestrelServerOptions>
{
    private static readonly TimeSpan SlowStart = TimeSpan.FromSeconds(5);

    public void Configure(KestrelServerOptions server)
    {
        // Addresses come from one setting, which ListenRules judges: a section Kestrel would open others beside it.
        server.Configure();
        server.AddServerHeader = false;
        server.AllowSynchronousIO = false;
        try
        {
            Limit(server.Limits);
            server.ConfigureEndpointDefaults(Prepare);
        }
        catch (OptionsValidationException)
        {
            // The server is made before the settings are judged: the start ends there, with everything that is wrong.
        }
    }

    private void Limit(KestrelServerLimits limits)
    {
        var ours = options.Value;
        limits.MaxConcurrentConnections = ours.MaxConnections;
        limits.MaxConcurrentUpgradedConnections = 0;
        limits.MaxRequestHeadersTotalSize = ours.MaxHeadersBytes;
        limits.MaxRequestHeaderCount = ours.MaxHeaders;
        limits.MaxRequestLineSize = Math.Min(limits.MaxRequestLineSize, ours.MaxHeadersBytes);
        limits.RequestHeadersTimeout = ours.HeadersTimeout;
        limits.KeepAliveTimeout = ours.KeepAliveTimeout;
        limits.MinRequestBodyDataRate = new MinDataRate(ours.MinBodyBytesPerSecond, SlowStart);
        limits.MaxRequestBodySize = edge.Value.MaxRequestBodyBytes;
        limits.Http2.MaxStreamsPerConnection = ours.MaxStreamsPerConnection;
    }

    private void Prepare(ListenOptions listen)
    {
        if (listen.EndPoint is not IPEndPoint)
        {
            return;
        }

        listen.Use(next => connection => addresses.OnConnectionAsync(connection, next));
        if (tls.Value.IsOn)
        {
            var certificate = services.GetRequiredService<ServerCertificate>();
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = options.Value.HeadersTimeout,
                OnConnection = _ => ValueTask.FromResult(certificate.ToOptions()),
            });
        }
    }
}

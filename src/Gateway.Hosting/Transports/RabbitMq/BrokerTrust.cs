using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MassTransit;
using RabbitMQ.Client;

namespace Gateway.Hosting.Transports.RabbitMq;

/// <summary>How the broker's certificate is judged, by the bus and by our own connection alike.</summary>
internal static class BrokerTrust
{
    private const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Turns TLS on for the bus.</summary>
    public static void Apply(IRabbitMqSslConfigurator tls, RabbitMqOptions options)
    {
        tls.Protocol = Protocols;
        tls.ServerName = NameOf(options);
        tls.EnforcePolicyErrors(SslPolicyErrors.RemoteCertificateChainErrors | SslPolicyErrors.RemoteCertificateNameMismatch | SslPolicyErrors.RemoteCertificateNotAvailable);
        if (CallbackOf(options) is { } callback)
        {
            tls.CertificateValidationCallback = callback;
        }
    }

    /// <summary>The same for a connection of our own.</summary>
    public static SslOption Of(RabbitMqOptions options) => new()
    {
        Enabled = options.Tls,
        ServerName = NameOf(options),
        Version = Protocols,
        CertificateValidationCallback = CallbackOf(options),
    };

    private static string NameOf(RabbitMqOptions options) => options.TlsServerName ?? options.Host;

    private static RemoteCertificateValidationCallback? CallbackOf(RabbitMqOptions options)
    {
        if (options.TlsCaFile is not { } file)
        {
            return null;
        }

        var authorities = RabbitMqRules.AuthoritiesOf(file);
        return (_, certificate, _, errors) => IsTrusted(certificate, errors, authorities);
    }

    private static bool IsTrusted(X509Certificate? certificate, SslPolicyErrors errors, X509Certificate2Collection authorities)
    {
        // The name must still be right; only who vouches for it is decided here.
        if (certificate is not X509Certificate2 given || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(given);
    }
}

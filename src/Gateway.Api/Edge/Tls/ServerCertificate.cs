using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using Gateway.Jobs;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Edge.Tls;

/// <summary>
/// The certificate in force. Files that change are read anew; when they are wrong, the one from before stays, so that half a renewal
/// shuts nobody out.
/// </summary>
internal sealed partial class ServerCertificate : PeriodicService
{
    private const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    private readonly TlsOptions options;
    private readonly ILogger<ServerCertificate> logger;
    private volatile SslStreamCertificateContext current;
    private volatile string? fault;
    private string stamp;

    public ServerCertificate(IOptions<TlsOptions> options, TimeProvider clock, ILogger<ServerCertificate> logger)
        : base(clock)
    {
        (this.options, this.logger) = (options.Value, logger);
        stamp = Stamp();
        current = CertificateFiles.Read(this.options, clock.GetUtcNow());
    }

    /// <summary>Why the files of now are not in force; null when they are.</summary>
    public string? Fault => fault;

    /// <summary>End of the certificate in force.</summary>
    public DateTimeOffset EndsAt => current.TargetCertificate.NotAfter;

    /// <inheritdoc/>
    protected override TimeSpan Interval => options.LookInterval;

    /// <summary>What a new connection is greeted with.</summary>
    public SslServerAuthenticationOptions ToOptions() => new() { ServerCertificateContext = current, EnabledSslProtocols = Protocols };

    /// <inheritdoc/>
    protected override Task RoundAsync(CancellationToken cancellationToken)
    {
        var now = Stamp();
        if (now == stamp)
        {
            return Task.CompletedTask;
        }

        try
        {
            current = CertificateFiles.Read(options, Clock.GetUtcNow());
            (fault, stamp) = (null, now);
            LogLoaded(EndsAt);
        }
        catch (CertificateFaultException problem)
        {
            // Looked at again in the next round: certificate and key are two files, and are not replaced in one moment.
            if (fault != problem.Message)
            {
                LogRefused(problem.Message);
            }

            fault = problem.Message;
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override void LogFailed(Exception problem) => LogLookFailed(problem);

    // By their bytes: links that are turned to another file, as of a mounted secret, keep their times.
    private string Stamp()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in options.Files)
        {
            hash.AppendData(File.Exists(file) ? File.ReadAllBytes(file) : []);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    [LoggerMessage(EventId = 1651, Level = LogLevel.Information, Message = "A new certificate is in force until {EndsAt:u}")]
    private partial void LogLoaded(DateTimeOffset endsAt);

    [LoggerMessage(EventId = 1652, Level = LogLevel.Error, Message = "The files of the certificate have changed and cannot be used; the one from before stays in force: {Fault}")]
    private partial void LogRefused(string fault);

    [LoggerMessage(EventId = 1653, Level = LogLevel.Error, Message = "The files of the certificate could not be looked at; the one from before stays in force")]
    private partial void LogLookFailed(Exception problem);
}

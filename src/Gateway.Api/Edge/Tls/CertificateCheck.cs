using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Edge.Tls;

/// <summary>Degraded, and still ready, while the files are not those in force, or the certificate ends soon. Names no file: everybody reads it.</summary>
internal sealed class CertificateCheck(ServerCertificate certificate, IOptions<TlsOptions> options, TimeProvider clock) : IHealthCheck
{
    /// <summary>Name of the check.</summary>
    public const string Name = "certificate";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var (now, end) = (clock.GetUtcNow(), certificate.EndsAt);
        var words = end.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var reason = certificate.Fault is not null ? "The files of the certificate were changed and cannot be used; the one from before is in force. The log of the gateway names the fault."
            : end <= now ? $"The certificate has expired, on {words}. Replace its files; they are read without a restart."
            : end - now < options.Value.WarnBefore ? $"The certificate ends on {words}. Replace its files; they are read without a restart."
            : null;
        return Task.FromResult(reason is null ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(reason, data: new Dictionary<string, object> { ["reason"] = reason }));
    }
}

using Microsoft.Extensions.Options;

namespace Gateway.Api.Edge.Tls;

/// <summary>Runs the certificate's look at its files, where there is one.</summary>
internal sealed class CertificateWatch(IOptions<TlsOptions> options, IServiceProvider services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => options.Value.IsOn ? services.GetRequiredService<ServerCertificate>().StartAsync(cancellationToken) : Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => options.Value.IsOn ? services.GetRequiredService<ServerCertificate>().StopAsync(cancellationToken) : Task.CompletedTask;
}

using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Gateway.Api.Edge.Tls;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>The gateway's own certificate: from files, changed without a restart, and never lost to a bad one.</summary>
public sealed class TlsSpecs : IDisposable
{
    private const int MostTries = 2_000;
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly TestFolder folder = new();
    private readonly TestAuthority authority = new();

    private string CertificateFile => folder.File("tls.crt");

    private string KeyFile => folder.File("tls.key");

    public void Dispose()
    {
        authority.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Calls_come_over_tls_and_browsers_are_told_to_stay_with_it()
    {
        await using var host = await StartAsync(authority.Issue());

        var (status, _, response) = await host.SendAsync(host.Post("{}", withKey: false));

        Assert.Equal((401, "https"), (status, host.Mcp.Scheme));
        Assert.True(response.Headers.Contains("Strict-Transport-Security"));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => host.Http.GetAsync(new Uri($"http://127.0.0.1:{host.Mcp.Port}/health/live"), TestContext.Current.CancellationToken));
        await Assert.ThrowsAnyAsync<Exception>(() => GreetAsync(host, SslProtocols.None, "other.example.com"));
    }

    [Fact]
    public async Task New_files_are_used_without_a_restart_and_bad_ones_are_not()
    {
        using X509Certificate2 first = authority.Issue(), second = authority.Issue();
        await using var host = await StartAsync(first);
        Assert.Equal(first.SerialNumber, await GreetAsync(host));

        // Half of a renewal: the certificate without its key.
        File.WriteAllText(CertificateFile, second.ExportCertificatePem());
        await UntilAsync(async () => (await HealthAsync(host)).Contains("cannot be used", StringComparison.Ordinal));
        Assert.Equal(first.SerialNumber, await GreetAsync(host));
        Assert.Contains(host.Log, line => line.Contains("two different pairs", StringComparison.Ordinal));
        Assert.DoesNotContain(folder.Path, await HealthAsync(host), StringComparison.Ordinal);

        TestAuthority.Write(second, CertificateFile, KeyFile);
        await UntilAsync(async () => await GreetAsync(host) == second.SerialNumber);
        Assert.Contains("""{"name":"certificate","status":"ok"}""", await HealthAsync(host), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_ends_soon_is_complained_of_and_the_gateway_stays_ready()
    {
        await using var host = await StartAsync(authority.Issue(clock.GetUtcNow().AddDays(15)));
        Assert.Contains("""{"name":"certificate","status":"ok"}""", await HealthAsync(host), StringComparison.Ordinal);

        clock.Advance(TimeSpan.FromDays(2));

        Assert.Contains("ends on 2026-01-17", await HealthAsync(host), StringComparison.Ordinal);
    }

    [Fact]
    public void Pkcs12_is_read_with_the_password_of_its_file()
    {
        using var certificate = authority.Issue();
        File.WriteAllBytes(folder.File("tls.pfx"), certificate.Export(X509ContentType.Pkcs12, "secret"));
        File.SetUnixFileMode(folder.File("tls.pfx"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(folder.File("password"), "secret\n");

        var read = CertificateFiles.Read(new TlsOptions { CertificateFile = folder.File("tls.pfx"), PasswordFile = folder.File("password") }, clock.GetUtcNow());

        Assert.Equal(certificate.SerialNumber, read.TargetCertificate.SerialNumber);
        var fault = Assert.Throws<CertificateFaultException>(() => CertificateFiles.Read(new TlsOptions { CertificateFile = folder.File("tls.pfx") }, clock.GetUtcNow()));
        Assert.Contains("no password", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("expired", "has expired, on 2026-01-01")]
    [InlineData("pair", "two different pairs")]
    [InlineData("open", "chmod o-rw")]
    [InlineData("gone", "is not there")]
    [InlineData("no key", "Edge:Tls:KeyFile is required")]
    [InlineData("nonsense", "holds no certificate")]
    public void Files_that_make_no_certificate_are_named_with_what_is_wrong(string what, string words)
    {
        using X509Certificate2 certificate = authority.Issue(what == "expired" ? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) : null), other = authority.Issue();
        TestAuthority.Write(certificate, CertificateFile, KeyFile);
        switch (what)
        {
            case "pair": TestAuthority.Write(other, folder.File("other.crt"), KeyFile); break;
            case "open": File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.OtherRead); break;
            case "gone": File.Delete(KeyFile); break;
            case "nonsense": File.WriteAllText(CertificateFile, "nonsense"); break;
            default: break;
        }

        var fault = Assert.Throws<CertificateFaultException>(() => CertificateFiles.Read(new TlsOptions { CertificateFile = CertificateFile, KeyFile = what == "no key" ? null : KeyFile }, clock.GetUtcNow()));

        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("BEGIN", fault.Message, StringComparison.Ordinal);
    }

    private async Task<EdgeHost> StartAsync(X509Certificate2 certificate)
    {
        TestAuthority.Write(certificate, CertificateFile, KeyFile);
        var host = await EdgeHost.StartAsync(clock, ("Edge:Tls:CertificateFile", CertificateFile), ("Edge:Tls:KeyFile", KeyFile));
        host.Trust(authority.Certificate);
        return host;
    }

    private static async Task<string> HealthAsync(EdgeHost host)
    {
        var (status, body, _) = await host.SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(host.Mcp, "/health/ready")));
        Assert.Equal(200, status);
        return body;
    }

    /// <summary>Serial number of the certificate that a new connection gets.</summary>
    private async Task<string> GreetAsync(EdgeHost host, SslProtocols protocols = SslProtocols.None, string name = "localhost")
    {
        using var client = new TcpClient();
        await client.ConnectAsync(host.Mcp.Host, host.Mcp.Port, TestContext.Current.CancellationToken);
        await using var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = name, EnabledSslProtocols = protocols, CertificateChainPolicy = EdgeHost.PolicyOf(authority.Certificate) }, TestContext.Current.CancellationToken);
        using var shown = new X509Certificate2(stream.RemoteCertificate!);
        return shown.SerialNumber;
    }

    // Each round of the watch is a step of its clock; what it finds shows from outside.
    private async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var i = 0; i < MostTries; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(30));
            if (await holds())
            {
                return;
            }
        }

        Assert.Fail("It did not come to be.");
    }
}

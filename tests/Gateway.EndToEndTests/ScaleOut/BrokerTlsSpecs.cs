using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Gateway.EndToEndTests.Doubles;
using Gateway.EndToEndTests.Support;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.EndToEndTests.ScaleOut;

/// <summary>amqps with a real broker of the spec's own, which is given a listener with a certificate while it runs.</summary>
public sealed class BrokerTlsSpecs : ScaleOutHouse
{
    private const int CannotStart = 3;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gwmq");
    private readonly TestAuthority _authority = new();

    [Fact]
    public async Task A_broker_is_taken_whose_certificate_is_right_in_name_and_issuer_and_no_other()
    {
        using var other = new TestAuthority("Another one");
        using var certificate = _authority.Issue();
        var port = await ListenWithTlsAsync(certificate);

        var worker = await StartWorkerAsync("w1", [.. WithTls(port, _authority.Certificate, "localhost")]);
        var (otherCode, otherSaid) = await RunWorkerAsync(WithTls(port, other.Certificate, "localhost"));
        var (nameCode, nameSaid) = await RunWorkerAsync(WithTls(port, _authority.Certificate, "broker.example.com"));

        Assert.Contains("takes runs", worker.Log, StringComparison.Ordinal);
        Assert.Equal((CannotStart, CannotStart), (otherCode, nameCode));
        Assert.All([otherSaid, nameSaid], said => Assert.Contains("certificate", said, StringComparison.OrdinalIgnoreCase));
        Assert.All([otherSaid, nameSaid], said => Assert.DoesNotContain("   at ", said, StringComparison.Ordinal));
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    private protected override Task<Broker> StartBrokerAsync() => Broker.StartAsync(_folder.FullName);

    private protected override Task EndBrokerAsync(Broker broker) => broker.StopAsync();

    private IEnumerable<(string Name, string Value)> WithTls(int port, X509Certificate2 authority, string name)
    {
        var file = At(authority.Thumbprint + ".pem");
        File.WriteAllText(file, authority.ExportCertificatePem());
        return
        [
            ("Transport:RabbitMq:Port", $"{port}"), ("Transport:RabbitMq:Tls", "true"), ("Transport:RabbitMq:TlsCaFile", file), ("Transport:RabbitMq:TlsServerName", name),
            ("Transport:RabbitMq:StartTimeout", "00:00:10"),
        ];
    }

    private Task<(int ExitCode, string Output)> RunWorkerAsync(IEnumerable<(string Name, string Value)> settings)
    {
        var all = Transport().Concat(settings).GroupBy(setting => setting.Name).Select(same => same.Last());
        return GatewayProcess.RunToEndAsync(BuiltPrograms.Worker, ["--Data:Folder", At("refused"), .. all.SelectMany(s => (string[])[$"--{s.Name}", s.Value])]);
    }

    private async Task<int> ListenWithTlsAsync(X509Certificate2 certificate)
    {
        var (certificateFile, keyFile) = (Path.Combine(_folder.FullName, "tls.crt"), Path.Combine(_folder.FullName, "tls.key"));
        TestAuthority.Write(certificate, certificateFile, keyFile);
        var port = FreePort();
        var start = new ProcessStartInfo(
            Path.Combine(BuiltPrograms.Root(), "build", "services"),
            [
                "rabbitmqctl", "--folder", _folder.FullName, "--", "eval",
                $"{{ok, _}} = application:ensure_all_started(ssl), rabbit_networking:start_ssl_listener({{\"127.0.0.1\", {port}}}, [{{certfile, \"{certificateFile}\"}}, {{keyfile, \"{keyFile}\"}}, {{versions, ['tlsv1.3', 'tlsv1.2']}}], 1).",
            ]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var script = Process.Start(start)!;
        var said = await script.StandardOutput.ReadToEndAsync(Token) + await script.StandardError.ReadToEndAsync(Token);
        await script.WaitForExitAsync(Token);
        Assert.True(script.ExitCode == 0, said);
        return port;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

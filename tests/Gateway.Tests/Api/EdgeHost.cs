using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gateway.Api.Auth;
using Gateway.Api.Auth.SignIn;
using Gateway.Api.Mcp.Tools;
using Gateway.Hosting.Settings;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Keys;
using Gateway.Jobs.Policies;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;
using Xunit;

namespace Gateway.Tests.Api;

/// <summary>The whole edge on a real Kestrel of a free loopback port, before a store in memory.</summary>
internal sealed class EdgeHost : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("gateway-edge-").FullName;
    private WebApplication? app;

    public FakeJobDesk Jobs { get; } = new();

    public FakeApiKeyStore Keys { get; } = new();

    public FakeAuditLog Audit { get; } = new();

    public IServiceProvider Services => app!.Services;

    public string Key { get; private set; } = string.Empty;

    public Uri Mcp => new(app!.Urls.Single() + "/mcp");

    public HttpClient Http { get; private set; } = new();

    /// <summary>What was logged, at every level.</summary>
    public ConcurrentQueue<string> Log { get; } = new();

    /// <summary>The records of sign-ins that failed.</summary>
    public async Task<IReadOnlyList<AuditRecord>> FailuresAsync()
    {
        await Services.GetRequiredService<FailedSignIns>().WriteAsync(TestContext.Current.CancellationToken);
        return [.. Audit.Records.Where(record => record.Method == AuditMethods.SignInRefused)];
    }

    /// <summary>What a client checks a certificate with that this authority alone gives, at the beginning of 2026.</summary>
    public static X509ChainPolicy PolicyOf(X509Certificate2 authority)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, VerificationTime = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), VerificationTimeIgnored = false };
        policy.CustomTrustStore.Add(authority);
        return policy;
    }

    public static Task<EdgeHost> StartAsync(params (string Name, string Value)[] settings) => StartAsync(TimeProvider.System, settings);

    public static async Task<EdgeHost> StartAsync(TimeProvider clock, params (string Name, string Value)[] settings)
    {
        var host = new EdgeHost();
        var key = ApiKey.OpenOrCreate(host.folder);
        host.Key = key.Text;
        var isTls = settings.Any(setting => setting.Name == "Edge:Tls:CertificateFile");
        var builder = WebApplication.CreateSlimBuilder([.. settings.Where(setting => setting.Name is "environment" or "ForwardedHeaders_Enabled").Select(setting => $"--{setting.Name}={setting.Value}")]);
        builder.Logging.ClearProviders().AddProvider(new LogLines(host.Log)).SetMinimumLevel(LogLevel.Trace);
        builder.Services.AddSingleton(clock);
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value)).Append(new("urls", isTls ? "https://127.0.0.1:0" : "http://127.0.0.1:0")));
        builder.Services.AddSingleton<IJobDesk>(host.Jobs).AddSingleton<IApiKeyStore>(host.Keys).AddSingleton<IPolicyArchive, FakePolicyArchive>().AddSingleton<IAuditLog>(host.Audit).Configure<DataOptions>(data => data.Folder = host.folder);
        builder.Services.AddGatewayAuth(key).AddGatewayMcp();
        host.app = builder.Build();
        host.app.UseGatewayEdge().MapGatewayMcp();
        await host.app.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    public async Task<McpClient> ConnectAsync(string? revision = null) => await McpClient.CreateAsync(
        new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = Mcp,
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = "Bearer " + Key },
        }),
        new McpClientOptions { ProtocolVersion = revision },
        cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>A tools/call in the oldest revision that is served.</summary>
    public HttpRequestMessage Post(string body, bool withKey = true)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Mcp) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", "2025-06-18");
        if (withKey)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        }

        return request;
    }

    public async Task<(int Status, string Body, HttpResponseMessage Response)> SendAsync(HttpRequestMessage request)
    {
        var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response);
    }

    /// <summary>From now on <see cref="Http"/> believes this authority.</summary>
    public void Trust(X509Certificate2 authority)
    {
        Http.Dispose();
        Http = new HttpClient(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = PolicyOf(authority) } });
    }

    public Task StopAsync() => app!.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app!.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}

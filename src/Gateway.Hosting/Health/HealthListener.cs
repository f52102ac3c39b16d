using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Hosting.Health;

/// <summary>The health answers on an address of their own, for a host that serves nothing else. Without <c>Health:Url</c> it is nothing.</summary>
internal sealed class HealthListener(IOptions<HealthOptions> options, HealthCheckService checks, ILoggerFactory logs) : IHostedService, IAsyncDisposable
{
    private WebApplication? app;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Url is not { } url)
        {
            return;
        }

        // No arguments and no files: what is set for the host is not set for its listener.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server => server.AddServerHeader = false).UseUrls(url);
        builder.Services.AddRoutingCore().AddSingleton(logs).AddSingleton(checks);
        app = builder.Build();
        app.UseRouting();
        app.MapGatewayHealth();
        await app.StartAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => app?.DisposeAsync() ?? ValueTask.CompletedTask;
}

using Gateway.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Hosting.Operators;

/// <summary>The operator's door of a host that serves nobody else: its socket in the data folder, and no address of the network.</summary>
/// <param name="map">Maps what can be asked.</param>
/// <param name="data">Where the data folder is.</param>
/// <param name="logs">The host's log.</param>
public sealed class OperatorDoor(Action<WebApplication> map, IOptions<DataOptions> data, ILoggerFactory logs) : IHostedService, IAsyncDisposable
{
    private WebApplication? app;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // No arguments and no files: what is set for the host is not set for its door.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server => server.AddServerHeader = false);
        builder.AddAdminSocket(data.Value.Folder, newestHasIt: true);
        builder.Services.AddRoutingCore().AddSingleton(logs);
        app = builder.Build();
        app.UseRouting();
        map(app);
        await app.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => app?.DisposeAsync() ?? ValueTask.CompletedTask;
}

using System.Diagnostics;
using System.Globalization;
using Gateway.Api.Admin;
using Gateway.Api.Auth;
using Gateway.Api.Startup;
using Gateway.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.ConformanceTests.Policies;

/// <summary>The whole gateway as its program composes it, in this process: HTTP, MCP, store, bus, worker, and a runner with real programs.</summary>
internal sealed class CaseHost : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly string folder;

    private CaseHost(WebApplication app, string folder) => (this.app, this.folder) = (app, folder);

    public IServiceProvider Services => app.Services;

    public Uri Mcp => new(app.Urls.First(url => !url.Contains("unix:", StringComparison.Ordinal)) + "/mcp");

    /// <summary>Composes it and loads its policies.</summary>
    /// <exception cref="Gateway.Hosting.Startup.StartRefusedException">The policies have faults.</exception>
    public static async Task<CaseHost> StartAsync(string folder, CaseClock clock, CaseDatabase database, IInterceptor interceptor, CancellationToken cancellationToken, params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(database.Store.Settings);
        builder.Configuration.AddInMemoryCollection(settings.Append(("Data:Folder", folder)).Select(s => KeyValuePair.Create(s.Item1, (string?)s.Item2)));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.PostConfigure<LoggerFilterOptions>(filter =>
        {
            filter.Rules.Clear();
            filter.MinLevel = LogLevel.None;
        });
        database.Store.Intercept(builder.Services, interceptor);
        var key = ApiKey.OpenOrCreate(builder.Configuration.UseGatewayDefaults());
        var app = ApiHost.Compose(builder, folder, key);
        try
        {
            app.Services.ValidateSettings();
            app.Services.LoadPolicies();
            app.UseGatewayEdge().MapGatewayMcp();
            app.MapGatewayAdmin();
            await app.StartAsync(cancellationToken);
            return new CaseHost(app, folder);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>A new key of a label.</summary>
    public async Task<string> CreateKeyAsync(string label, string tenant, CancellationToken cancellationToken) =>
        (await Services.GetRequiredService<KeyDesk>().CreateAsync(label, tenant, [.. Scopes.All], null, "operator:1", cancellationToken)).Text;

    /// <summary>Ends it without a word: what is not stored is gone. Its runner, which outlives a gateway, goes on.</summary>
    public ValueTask DisposeAsync() => app.DisposeAsync();

    /// <summary>Ends it as a signal would.</summary>
    public async Task StopAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    /// <summary>Ends the runner too, and with it every run.</summary>
    public static async Task EndRunnerAsync(string folder)
    {
        var file = Path.Combine(folder, "worker", "runner", "runner.pid");
        if (!File.Exists(file) || !int.TryParse(await File.ReadAllTextAsync(file), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var id))
        {
            return;
        }

        try
        {
            using var runner = Process.GetProcessById(id);
            using var signal = Process.Start("kill", ["-TERM", $"{id}"]);
            await runner.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System);
        }
        catch (ArgumentException)
        {
            // It has ended.
        }
    }
}

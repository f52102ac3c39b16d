using Gateway.Execution.Runs;
using Gateway.Hosting.Settings;
using Gateway.Hosting.Startup;
using Gateway.Worker.Startup;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

// A worker: takes runs from the broker and gives them to the runner beside it. It has no database and no policy.
return await StartFaults.ExplainAsync("worker", async () =>
{
    var builder = Host.CreateApplicationBuilder(args);
    builder.Configuration.UseGatewayDefaults();
    using var host = WorkerHost.Compose(builder);
    host.Services.ValidateSettings();
    var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
    ConsoleLog.Follow(lifetime);
    lifetime.ApplicationStarted.Register(() => Console.Out.WriteLine($"Gateway worker {host.Services.GetRequiredService<IOptions<WorkerOptions>>().Value.Name} takes runs"));
    await host.RunToEndAsync();
});

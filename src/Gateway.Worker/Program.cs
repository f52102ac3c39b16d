using Gateway.Execution.Runs;
using Gateway.Hosting.Health;
using Gateway.Hosting.Settings;
using Gateway.Hosting.Startup;
using Gateway.Hosting.Telemetry;
using Gateway.Hosting.Transports;
using Gateway.Hosting.Transports.RabbitMq;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

// A worker: takes runs from the broker and gives them to the runner beside it. It has no database and no policy.
return await StartFaults.ExplainAsync("worker", async () =>
{
    var builder = Host.CreateApplicationBuilder(args);
    builder.Configuration.UseGatewayDefaults();
    builder.Services
        .AddGatewaySettings()
        .AddGatewayRabbitMqBus(
            "worker",
            bus => bus.ConfigureExecution(),
            (context, bus) => bus.ConfigureExecutionEndpoints(context, endpoint => endpoint.UseDurableQueue()))
        .AddGatewayHeartbeatConnection("worker")
        .AddSingleton(provider => new HeartbeatBus(provider.GetRequiredService<IHeartbeatConnection>()))
        .AddGatewayExecution()
        .AddHostHealth();
    builder.Services.AddOptions<TransportOptions>().Validate(
        transport => TransportOptions.KindOf(transport.Kind) != TransportKind.InMemory,
        "Transport:Kind must be RabbitMq: a worker of its own needs a broker between it and the gateway.");
    builder.Logging.AddGatewayConsole();
    builder.AddGatewayTelemetry("worker");

    using var host = builder.Build();
    // Before any part asks for its own settings, so that every wrong one is named and not the first alone.
    host.Services.GetRequiredService<IStartupValidator>().Validate();
    host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(() =>
    {
        ConsoleLog.HasStarted();
        Console.Out.WriteLine($"Gateway worker {host.Services.GetRequiredService<IOptions<WorkerOptions>>().Value.Name} takes runs");
    });
    await host.RunAsync();
});

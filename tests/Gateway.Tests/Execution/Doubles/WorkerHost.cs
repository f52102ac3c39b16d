using System.Threading.Channels;
using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Contracts.Values;
using Gateway.Execution.Runs;
using Gateway.Processes.Spool;
using Gateway.Tests.Support;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xunit;

namespace Gateway.Tests.Execution.Doubles;

/// <summary>A worker in a real host on an in-memory bus, beside a control plane and a runner of the test's making.</summary>
internal sealed class WorkerHost : IAsyncDisposable
{
    private readonly Channel<FakeRunner> _runners = Channel.CreateUnbounded<FakeRunner>();
    private readonly string _folder = Directory.CreateTempSubdirectory("gwx").FullName;
    private readonly bool _ownsFolder;
    private readonly bool _real;
    private readonly IHost _host;

    private WorkerHost(FakeControlPlane plane, FakeRunner? before, string? folder, bool real, (string Key, string Value)[] settings, Action<IServiceCollection>? add = null)
    {
        _real = real;
        _ownsFolder = folder is null;
        _folder = folder ?? _folder;
        Plane = plane;
        Runner = new FakeRunner(Path.Combine(_folder, "spool"), before);
        var key = Path.Combine(_folder, "key");
        File.WriteAllText(key, "sk-test");
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Worker:DataFolder"] = Path.Combine(_folder, "data"),
            ["Worker:HeartbeatInterval"] = "00:00:00.200",
            ["Worker:AnswerTimeout"] = "00:00:00.300",
            ["Claude:Program"] = "/bin/true",
            ["Worker:LooksAtClis"] = "false",
            ["Credentials:main:Kind"] = "api_key",
            ["Credentials:main:File"] = key,
        });
        builder.Configuration.AddInMemoryCollection(settings.Reverse().DistinctBy(one => one.Key).Select(one => KeyValuePair.Create<string, string?>(one.Key, one.Value)));
        builder.Services.AddSingleton(plane);
        if (!real)
        {
            builder.Services.AddSingleton<AttachRunner>(async token => await _runners.Reader.ReadAsync(token));
        }

        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.ConfigureExecution();
            bus.AddConsumer<FakeControlPlaneConsumer>().ExcludeFromConfigureEndpoints();
            bus.UsingInMemory((context, factory) =>
            {
                foreach (var name in (string[])[EndpointNames.Claim, EndpointNames.RunOutput, EndpointNames.JobLifecycle, EndpointNames.Heartbeat, EndpointNames.Transcript])
                {
                    factory.ReceiveEndpoint(name, endpoint => endpoint.ConfigureConsumer<FakeControlPlaneConsumer>(context));
                }

                factory.ConfigureExecutionEndpoints(context);
            });
        });
        builder.Services.AddGatewayExecution();
        add?.Invoke(builder.Services);
        _host = builder.Build();
    }

    public FakeControlPlane Plane { get; }

    public FakeRunner Runner { get; private set; }

    public RunTable Table => _host.Services.GetRequiredService<RunTable>();

    public RunKeys Keys => _host.Services.GetRequiredService<RunKeys>();

    public WorkerDrain Drain => _host.Services.GetRequiredService<WorkerDrain>();

    public EndpointPauser Pauser => _host.Services.GetRequiredService<EndpointPauser>();

    /// <summary>The time that the host gives a stop.</summary>
    public TimeSpan StopTime => _host.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout;

    public string DataFolder => Path.Combine(_folder, "data");

    public static async Task<WorkerHost> StartAsync(FakeControlPlane plane, params (string Key, string Value)[] settings)
    {
        var host = new WorkerHost(plane, null, null, real: false, settings);
        await host.StartAsync();
        return host;
    }

    /// <summary>A worker with the real runner and the fake agent, both programs of their own.</summary>
    public static async Task<WorkerHost> StartRealAsync(FakeControlPlane plane, params (string Key, string Value)[] settings)
    {
        var host = new WorkerHost(plane, null, null, real: true, [.. Programs, .. settings]);
        await host.StartAsync();
        return host;
    }

    /// <summary>The same, with something that the product does not have.</summary>
    public static async Task<WorkerHost> StartRealAsync(FakeControlPlane plane, Action<IServiceCollection> add)
    {
        var host = new WorkerHost(plane, null, null, real: true, Programs, add);
        await host.StartAsync();
        return host;
    }

    /// <summary>Another process of the same worker, whose runs the runner still has.</summary>
    public async Task<WorkerHost> SucceedAsync()
    {
        var next = new WorkerHost(Plane, Runner, _folder, _real, _real ? Programs : []);
        await next.StartAsync();
        return next;
    }

    public Task StopAsync() => _host.StopAsync();

    public IConsumer<RunClaudeRequest> Consumer() => ActivatorUtilities.CreateInstance<RunClaudeConsumer>(_host.Services);

    /// <summary>Lets the first send of a message hang for ever, as one may whose connection broke.</summary>
    public LostSend<T> LoseFirst<T>()
        where T : class
    {
        var lost = new LostSend<T>();
        _host.Services.GetRequiredService<IBus>().ConnectSendObserver(lost);
        return lost;
    }

    /// <summary>The connection breaks and another one is made to the same runner.</summary>
    public void Reattach(Action? between = null)
    {
        var old = Runner;
        Runner = new FakeRunner(Path.Combine(_folder, "spool"), old);
        between?.Invoke();
        old.Close();
        _runners.Writer.TryWrite(Runner);
    }

    public async Task<RunKey> SubmitAsync(int attempt = 1, Guid? job = null, string provider = "claude")
    {
        var key = new RunKey(job ?? Guid.NewGuid(), attempt);
        await SendAsync(EndpointNames.Run("claude", "default"), new RunClaudeRequest { JobId = key.JobId, Attempt = attempt, Provider = provider, Pool = "default" });
        return key;
    }

    public Task SendAsync<T>(string name, T message)
        where T : class => SendAsync(EndpointNames.Address(name), message);

    private async Task SendAsync<T>(Uri address, T message)
        where T : class
    {
        var endpoint = await _host.Services.GetRequiredService<IBus>().GetSendEndpoint(address);
        await endpoint.Send(message);
    }

    public Task CancelAsync(RunKey key) =>
        SendAsync(EndpointNames.WorkerAddress(Runner.WorkerId), new CancelRun { JobId = key.JobId, Attempt = key.Attempt });

    public static RunId Id(RunKey key) => new(key.JobId, key.Attempt);

    /// <summary>Looks until something is so: for what other threads do in their own time.</summary>
    public static async Task UntilAsync(Func<bool> so, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!so())
        {
            Assert.False(limit.IsCancellationRequested, what);
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_real)
        {
            // A runner stays as long as it has a run that nobody confirmed: a test must not leave one behind.
            var runs = Path.Combine(DataFolder, "runner", "runs");
            await UntilAsync(() => !Directory.Exists(runs) || !Directory.EnumerateDirectories(runs).Any(), "released");
        }

        await _host.StopAsync();
        _host.Dispose();
        if (_ownsFolder)
        {
            // A run that was given back last may still be clearing its home away.
            await UntilAsync(() => TryRemove(_folder), "removed");
        }
    }

    private static bool TryRemove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return !Directory.Exists(folder);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static (string Key, string Value)[] Programs =>
    [
        ("Worker:RunnerProgram", Program("Gateway.Runner")),
        ("Worker:RunnerIdleExit", "00:00:01"),
        ("Worker:Sandbox", "Process"),
        ("Claude:Program", Program("Gateway.FakeAgent")),
        ("Codex:Program", Program("Gateway.FakeAgent")),
        ("Gemini:Program", Program("Gateway.FakeAgent")),
        ("Added:Program", Program("Gateway.FakeAgent")),
    ];

    private static string Program(string name) => Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", name, Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), name));

    private async Task StartAsync()
    {
        _runners.Writer.TryWrite(Runner);
        await _host.StartAsync();
    }
}

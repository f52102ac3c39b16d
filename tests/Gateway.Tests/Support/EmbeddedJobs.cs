using System.Collections.Concurrent;
using System.Threading.Channels;
using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Hosting.Transports.InMemory;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Approvals;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Reading;
using Gateway.Policies.Evaluation;
using Gateway.Storage;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gateway.Tests.Support;

/// <summary>
/// The control plane of the embedded gateway: the product's own registrations and queues, and in place
/// of the worker a queue whose commands the test reads. Disposing it without a stop is the nearest to a kill.
/// </summary>
internal sealed class EmbeddedJobs : IAsyncDisposable, IReceiveObserver
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<Exception?>> received = new();
    private readonly CancellationTokenSource gone = new();
    private readonly IHost host;

    public EmbeddedJobs(ITestStore store, TimeProvider? clock = null, bool worker = true, Action<IServiceCollection>? configure = null, int slots = int.MaxValue, params (string Key, string Value)[] settings)
    {
        Clock = clock ?? TimeProvider.System;
        // As many commands as there are slots are read without the test, one waits in each consumer: a worker whose slots are all taken.
        Commands = slots == int.MaxValue ? Channel.CreateUnbounded<RunClaudeRequest>() : Channel.CreateBounded<RunClaudeRequest>(slots);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Configuration.AddInMemoryCollection(store.Settings);
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("Dispatch:OwnSlots", (string?)"1000000")]);
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)));
        builder.Services.AddSingleton(Clock);
        builder.Services.AddSingleton(new CallSeal("test", new byte[32])).AddSingleton<IPolicyInForce, StandingPolicies>().AddSingleton<IRunningCaps, SetCaps>();
        builder.Services.AddSingleton(TestAuditKeys.Of("k1")).AddSingleton<IAuditMemory, TestAuditMemory>();
        builder.Services
            .AddGatewayJobs()
            .AddGatewayStorage()
            .AddGatewayInMemoryBus(
                bus => bus.AddGatewayJobs().StoredInGatewayDb(),
                (context, bus) =>
                {
                    bus.ConnectReceiveObserver(this);
                    bus.ConfigureJobEndpoints(context, (endpoint, inbox) => endpoint.UseGatewayTransactions(context, inbox));
                    if (worker)
                    {
                        bus.ReceiveEndpoint(EndpointNames.Run("claude", EndpointNames.DefaultPool), e =>
                        {
                            e.ConfigureConsumeTopology = false;
                            e.Handler<RunClaudeRequest>(c => Commands.Writer.WriteAsync(c.Message, gone.Token).AsTask());
                        });
                    }
                })
            .AddGatewayOutbox();
        builder.Services.Configure<MassTransitHostOptions>(options => options.ConsumerStopTimeout = TimeSpan.FromMilliseconds(50));
        if (clock is not null)
        {
            // A test that moves the time moves the time of leases too.
            builder.Services.AddSingleton<IStoreClock>(new TestStoreClock(clock));
        }

        configure?.Invoke(builder.Services);
        host = builder.Build();
    }

    public static Caller Alice { get; } = new("acme", "alice");

    public static Caller Bob { get; } = new("acme", "bob");

    public TimeProvider Clock { get; }

    public Channel<RunClaudeRequest> Commands { get; }

    public IServiceProvider Services => host.Services;

    public IBus Bus => Get<IBus>();

    public JobAdmission Admission => Get<JobAdmission>();

    public JobReader Reader => Get<JobReader>();

    public static RunRequest Request(string prompt = "Say hello", string? key = null, params string[] labels) => new()
    {
        Tool = "claude_request_async",
        Cli = "claude",
        Prompt = prompt,
        Agent = new AgentRequest { Json = """{"Model":"opus"}""", Model = "opus" },
        ArgumentsJson = """{"model":"opus"}""",
        Writes = false,
        Timeout = TimeSpan.FromHours(1),
        IdleTimeout = TimeSpan.FromMinutes(10),
        MaxAttempts = 3,
        Labels = labels,
        CorrelationId = "correlation-1",
        IdempotencyKey = key,
    };

    public async Task<EmbeddedJobs> StartAsync()
    {
        await host.StartAsync();
        return this;
    }

    public Task StopAsync() => host.StopAsync();

    public T Get<T>()
        where T : notnull => host.Services.GetRequiredService<T>();

    public Task<SubmitOutcome> TrySubmitAsync(RunRequest? request = null, Caller? caller = null, AdmissionTerms? terms = null) =>
        Admission.SubmitAsync(caller ?? Alice, request ?? Request(), terms ?? AdmissionTerms.None, CancellationToken.None);

    public async Task<Guid> SubmitAsync(RunRequest? request = null, Caller? caller = null, AdmissionTerms? terms = null)
    {
        var accepted = Assert.IsType<SubmitOutcome.Accepted>(await TrySubmitAsync(request, caller, terms));
        Assert.True(JobIdText.TryParse(accepted.Job.Id, out var id));
        return id;
    }

    public async Task<RunClaudeRequest> NextCommandAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        return await Commands.Reader.ReadAsync(patience.Token);
    }

    public async Task<T> ReadAsync<T>(Func<GatewayDb, Task<T>> read)
    {
        await using var db = await Get<IDbContextFactory<GatewayDb>>().CreateDbContextAsync();
        return await read(db);
    }

    public Task<Job> JobAsync(Guid id) => ReadAsync(db => db.Jobs.AsNoTracking().SingleAsync(j => j.CorrelationId == id));

    public async Task AddAsync(params object[] rows) => await ReadAsync(db =>
    {
        db.AddRange(rows);
        return db.SaveChangesAsync();
    });

    /// <summary>Sends and waits until the endpoint is done with it. Null when it was consumed, else what went wrong.</summary>
    public async Task<Exception?> DeliverAsync<T>(string queue, T message)
        where T : class
    {
        var id = Guid.NewGuid();
        var done = received.GetOrAdd(id, _ => new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously));
        var endpoint = await Bus.GetSendEndpoint(EndpointNames.Address(queue));
        await endpoint.Send(message, context => context.MessageId = id);
        return await done.Task.WaitAsync(Patience);
    }

    public async Task<TAnswer> AskAsync<T, TAnswer>(string queue, T message)
        where T : class
        where TAnswer : class =>
        (await Bus.CreateRequestClient<T>(EndpointNames.Address(queue), RequestTimeout.After(s: 20)).GetResponse<TAnswer>(message)).Message;

    /// <summary>The grant, or the reason of the denial.</summary>
    public async Task<(RunGranted? Granted, string? Denied)> ClaimAsync(Guid jobId, int attempt, Guid worker, long epoch = 1, string? turn = null)
    {
        var answer = await Bus.CreateRequestClient<ClaimRun>(EndpointNames.Address(EndpointNames.Claim), RequestTimeout.After(s: 20))
            .GetResponse<RunGranted, RunDenied>(new ClaimRun { JobId = jobId, Attempt = attempt, WorkerId = worker, Epoch = epoch, WorkerName = "w1", DirectoryTurn = turn });
        return answer.Is(out Response<RunGranted>? granted) ? (granted.Message, null) : (null, ((RunDenied)answer.Message).Reason);
    }

    public static async Task EventuallyAsync(Func<Task<bool>> isSo, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await isSo())
        {
            Assert.False(patience.IsCancellationRequested, what);
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await gone.CancelAsync();
        if (host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }

        gone.Dispose();
    }

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostReceive(ReceiveContext context) => Done(context, context.IsDelivered ? null : new InvalidOperationException("Nobody took it."));

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class => Done(context.ReceiveContext, exception);

    public Task ReceiveFault(ReceiveContext context, Exception exception) => Done(context, exception);

    private Task Done(ReceiveContext context, Exception? problem)
    {
        if (context.GetMessageId() is { } id && received.TryGetValue(id, out var done))
        {
            done.TrySetResult(problem);
        }

        return Task.CompletedTask;
    }

    /// <summary>Policies that nobody changes: what was judged stays judged.</summary>
    private sealed class StandingPolicies : IPolicyInForce
    {
        public bool IsInForce(StoredGrant grant, string policyHash) => true;

        public bool IsRuleInForce(StoredGrant grant, string tool, string ruleHash) => true;

        public Judgement? JudgeAgain(StoredCall call) => throw new InvalidOperationException("Nothing has changed.");
    }

    private sealed class TestStoreClock(TimeProvider clock) : IStoreClock
    {
        public DateTimeOffset GetUtcNow() => clock.GetUtcNow();
    }
}

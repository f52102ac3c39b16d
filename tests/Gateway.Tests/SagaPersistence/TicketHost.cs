using Gateway.SagaPersistence;
using Gateway.SagaPersistence.Inbox;
using Gateway.SagaPersistence.Outbox;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gateway.Tests.SagaPersistence;

/// <summary>A whole process on a database: bus in memory, saga, consumers, outbox. Disposing it without a stop is the nearest to a kill.</summary>
internal sealed class TicketHost : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly IHost host;

    public TicketHost(ITicketStore store, Action<SagaPersistenceOptions>? configure = null, TimeProvider? clock = null, bool inbox = true)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.Services.AddSingleton(Script);
        builder.Services.AddDbContext<TicketDb>(options => store.Use(options), optionsLifetime: ServiceLifetime.Singleton);
        builder.Services.AddSagaPersistence<TicketDb>(options =>
        {
            options.SettleDelay = TimeSpan.Zero;
            configure?.Invoke(options);
        });
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddSagaStateMachine<TicketLifecycle, Ticket>().StoredIn<TicketDb, Ticket>();
            bus.AddConsumer<NoteConsumer>();
            bus.AddConsumer<PlainConsumer>();
            bus.UsingInMemory((context, memory) => Endpoints(context, memory, inbox));
        });
        builder.Services.AddTransactionalBusOutbox<TicketDb>();
        builder.Services.Configure<MassTransitHostOptions>(options =>
        {
            options.WaitUntilStarted = true;
            options.ConsumerStopTimeout = TimeSpan.FromMilliseconds(50);
        });
        host = builder.Build();
        using var scope = host.Services.CreateScope();
        store.Create(scope.ServiceProvider.GetRequiredService<TicketDb>());
    }

    public TicketScript Script { get; } = new();

    public IServiceProvider Services => host.Services;

    public IBus Bus => host.Services.GetRequiredService<IBus>();

    public async Task<TicketHost> StartAsync()
    {
        await host.StartAsync();
        return this;
    }

    public Task StopAsync() => host.StopAsync();

    public async Task<T> ReadAsync<T>(Func<TicketDb, Task<T>> read)
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await read(scope.ServiceProvider.GetRequiredService<TicketDb>());
    }

    public Task<List<OutboxRow>> RowsAsync() => ReadAsync(db => db.Set<OutboxRow>().AsNoTracking().ToListAsync());

    public Task<int> CountInboxAsync() => ReadAsync(db => db.Set<InboxRow>().CountAsync());

    public Task<List<Note>> NotesAsync() => ReadAsync(db => db.Notes.AsNoTracking().ToListAsync());

    public Task<Ticket> TicketAsync(Guid id) => ReadAsync(db => db.Tickets.AsNoTracking().SingleAsync(ticket => ticket.CorrelationId == id));

    public async Task<Guid> OpenTicketAsync()
    {
        var ticket = new Ticket { CorrelationId = Guid.NewGuid() };
        await ReadAsync(db =>
        {
            db.Add(ticket);
            return db.SaveChangesAsync();
        });
        return ticket.CorrelationId;
    }

    /// <summary>The application's side: a scope, a send through the scope's provider, one SaveChanges.</summary>
    public async Task SendAndSaveAsync<T>(string queue, T message, TimeSpan? delay = null)
        where T : class
    {
        await using var scope = host.Services.CreateAsyncScope();
        var sender = scope.ServiceProvider.GetRequiredService<ISendEndpointProvider>();
        var endpoint = await sender.GetSendEndpoint(new Uri("queue:" + queue));
        await endpoint.Send(message, context => context.Delay = delay);
        await scope.ServiceProvider.GetRequiredService<TicketDb>().SaveChangesAsync();
    }

    public async Task SendDirectAsync<T>(string queue, T message, Guid? messageId = null)
        where T : class
    {
        var endpoint = await Bus.GetSendEndpoint(new Uri("queue:" + queue));
        await endpoint.Send(message, context => context.MessageId = messageId ?? context.MessageId);
    }

    public async Task<NoteTaken> NextPlainAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        return await Script.Plain.Reader.ReadAsync(patience.Token);
    }

    /// <summary>Looks until it is so. For what the database shows only after a background write.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> isSo, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await isSo())
        {
            Assert.False(patience.IsCancellationRequested, what);
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }
    }

    public Task AtRestAsync() => EventuallyAsync(async () => (await RowsAsync()).Count == 0, "rows were left in the outbox");

    public async ValueTask DisposeAsync()
    {
        if (host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }

    private static void Endpoints(IBusRegistrationContext context, IInMemoryBusFactoryConfigurator memory, bool inbox)
    {
        memory.ReceiveEndpoint("tickets", e =>
        {
            e.ConfigureConsumeTopology = false;
            // Between writers that a gate does not order, the last of eight meets seven conflicts.
            e.UseMessageRetry(retry => retry.Immediate(10));
            e.UseTransactionalOutbox<TicketDb>(context, options => options.Inbox = inbox);
            e.ConfigureSaga<Ticket>(context);
        });
        memory.ReceiveEndpoint("notes", e =>
        {
            e.ConfigureConsumeTopology = false;
            e.UseMessageRetry(retry => retry.Immediate(1));
            e.UseTransactionalOutbox<TicketDb>(context, options => options.Inbox = inbox);
            e.ConfigureConsumer<NoteConsumer>(context);
        });
        memory.ReceiveEndpoint("plain", e =>
        {
            e.ConfigureConsumeTopology = false;
            e.ConfigureConsumer<PlainConsumer>(context);
        });
        memory.ReceiveEndpoint("empty", e => e.ConfigureConsumeTopology = false);
    }
}

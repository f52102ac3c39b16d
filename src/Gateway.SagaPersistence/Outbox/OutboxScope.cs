using MassTransit;
using MassTransit.Clients;
using MassTransit.DependencyInjection;
using MassTransit.Middleware;
using MassTransit.Middleware.Outbox;
using MassTransit.Transports;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.SagaPersistence.Outbox;

/// <summary>
/// What a scope outside a consumer sends through: messages become rows in the scope's own context and vanish with it when nobody saves.
/// Requests go straight out, because their answer could not come before the commit.
/// </summary>
internal sealed class OutboxScope<TDbContext> : ScopedBusContext, OutboxSendContext
    where TDbContext : DbContext
{
    private readonly IServiceProvider provider;
    private readonly OutboxRowFactory factory;
    private readonly OutboxCommitInterceptor commits;
    private TDbContext? db;

    public OutboxScope(IBus bus, IClientFactory clients, IServiceProvider provider)
    {
        this.provider = provider;
        factory = provider.GetRequiredService<OutboxRowFactory>();
        commits = provider.GetRequiredService<OutboxCommitInterceptor>();
        SendEndpointProvider = new OutboxSendEndpointProvider(this, bus);
        PublishEndpoint = new PublishEndpoint(new OutboxPublishEndpointProvider(this, bus));
        ClientFactory = new ScopedClientFactory(clients, null);
    }

    public ISendEndpointProvider SendEndpointProvider { get; }

    public IPublishEndpoint PublishEndpoint { get; }

    public IScopedClientFactory ClientFactory { get; }

    public Task AddSend<T>(SendContext<T> context)
        where T : class
    {
        commits.Enlist(db ??= provider.GetRequiredService<TDbContext>(), factory.Create(context));
        return Task.CompletedTask;
    }

    public object? GetService(Type serviceType) => provider.GetService(serviceType);
}

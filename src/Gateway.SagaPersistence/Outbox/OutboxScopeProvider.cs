using MassTransit;
using MassTransit.DependencyInjection;
using Microsoft.EntityFrameworkCore;

namespace Gateway.SagaPersistence.Outbox;

/// <summary>Takes the place of MassTransit's own provider: inside a consumer its context, else the outbox of the scope.</summary>
internal sealed class OutboxScopeProvider<TDbContext>(
    IBus bus,
    Bind<IBus, IClientFactory> clients,
    Bind<IBus, IScopedConsumeContextProvider> consumeContext,
    IServiceProvider provider) : IScopedBusContextProvider<IBus>
    where TDbContext : DbContext
{
    public ScopedBusContext Context { get; } = consumeContext.Value.HasContext
        ? new ConsumeContextScopedBusContext(consumeContext.Value.GetContext(), clients.Value)
        : new OutboxScope<TDbContext>(bus, clients.Value, provider);
}

using Gateway.SagaPersistence.Inbox;
using Gateway.SagaPersistence.Sagas;
using MassTransit;
using MassTransit.Configuration;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;

namespace Gateway.SagaPersistence;

/// <summary>What a bus configuration says to use this project.</summary>
public static class SagaPersistenceMassTransitExtensions
{
    /// <summary>Keeps the saga's instances in <typeparamref name="TDbContext"/>.</summary>
    public static ISagaRegistrationConfigurator<TSaga> StoredIn<TDbContext, TSaga>(this ISagaRegistrationConfigurator<TSaga> saga)
        where TDbContext : DbContext
        where TSaga : class, ISaga =>
        saga.Repository(repository =>
        {
            repository.RegisterLoadSagaRepository<TSaga, EfSagaRepositoryContextFactory<TDbContext, TSaga>>();
            repository.RegisterQuerySagaRepository<TSaga, EfSagaRepositoryContextFactory<TDbContext, TSaga>>();
            repository.RegisterSagaRepository<TSaga, TDbContext, SagaConsumeContextFactory<TDbContext, TSaga>, EfSagaRepositoryContextFactory<TDbContext, TSaga>>();
        });

    /// <summary>
    /// Puts one transaction around every saga and consumer that is configured on this endpoint afterwards: inbox row, effect, outgoing
    /// messages, and the removal of the consumed message's outbox row. Call it after <c>UseMessageRetry</c>, so that each try has a scope
    /// and a context of its own, and before <c>ConfigureSaga</c>/<c>ConfigureConsumer</c>.
    /// </summary>
    /// <remarks>Answers (messages with a RequestId) are sent after the commit and never stored. Do not use a request client in such a
    /// consumer: its request would wait for the commit that waits for its answer.</remarks>
    public static void UseTransactionalOutbox<TDbContext>(
        this IReceiveEndpointConfigurator endpoint,
        IRegistrationContext context,
        Action<TransactionalEndpointOptions>? configure = null)
        where TDbContext : DbContext
    {
        var options = new TransactionalEndpointOptions();
        configure?.Invoke(options);
        var observer = new TransactionalEndpointObserver<TDbContext>(endpoint, context, options);
        endpoint.ConnectConsumerConfigurationObserver(observer);
        endpoint.ConnectSagaConfigurationObserver(observer);
    }
}

using Gateway.SagaPersistence;
using Gateway.SagaPersistence.Inbox;
using Gateway.SagaPersistence.Outbox;
using Gateway.SagaPersistence.Sagas;
using Gateway.SagaPersistence.Writing;
using MassTransit;
using MassTransit.DependencyInjection;
using MassTransit.Middleware;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

#pragma warning disable IDE0130 // Registration stands where every host finds it without a using (STYLE 16).
namespace Microsoft.Extensions.DependencyInjection;
#pragma warning restore IDE0130

/// <summary>Registration of saga repository, inbox and outbox.</summary>
public static class SagaPersistenceServiceCollectionExtensions
{
    /// <summary>
    /// Adds write gate, inbox and outbox for <typeparamref name="TDbContext"/>, and hangs the interceptors on every context registered as
    /// <typeparamref name="TDbContext"/> with <c>AddDbContext</c>. Its model needs <see cref="ModelBuilderExtensions.AddOutboxAndInbox"/>.
    /// </summary>
    /// <param name="services">The services, before or after <c>AddMassTransit</c>.</param>
    /// <param name="configure">Limits; checked when the host starts.</param>
    public static IServiceCollection AddSagaPersistence<TDbContext>(this IServiceCollection services, Action<SagaPersistenceOptions>? configure = null)
        where TDbContext : DbContext
    {
        services.AddOptions<SagaPersistenceOptions>().Configure(options => configure?.Invoke(options)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SagaPersistenceOptions>, SagaPersistenceOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IWriteGate>(provider =>
            provider.GetRequiredService<IOptions<SagaPersistenceOptions>>().Value.SingleWriter ? new SingleWriterGate() : new OpenGate());
        services.AddSagas<TDbContext>();
        services.AddOutbox<TDbContext>();
        services.AddInbox<TDbContext>();
        return services;
    }

    /// <summary>
    /// The sending side, after <c>AddMassTransit</c>: everything sent through a scope's <see cref="ISendEndpointProvider"/> or
    /// <see cref="IPublishEndpoint"/> is committed with the scope's <typeparamref name="TDbContext"/>, and dispatcher and sweeper start after the bus.
    /// </summary>
    /// <exception cref="InvalidOperationException">AddMassTransit has not been called yet.</exception>
    public static IServiceCollection AddTransactionalBusOutbox<TDbContext>(this IServiceCollection services)
        where TDbContext : DbContext
    {
        if (services.All(service => service.ServiceType != typeof(IScopedBusContextProvider<IBus>)))
        {
            throw new InvalidOperationException("AddTransactionalBusOutbox replaces a service of MassTransit: call it after AddMassTransit.");
        }

        services.Replace(ServiceDescriptor.Scoped<IScopedBusContextProvider<IBus>, OutboxScopeProvider<TDbContext>>());
        services.AddHostedService<OutboxDispatcher>();
        services.AddHostedService<OutboxSweeper<TDbContext>>();
        return services;
    }

    /// <summary>The interceptors, for a context that is not registered as the type given to AddSagaPersistence (a derived one per provider).
    /// Saying it where it holds already changes nothing.</summary>
    public static DbContextOptionsBuilder UseSagaPersistence(this DbContextOptionsBuilder options, IServiceProvider provider)
    {
        var commits = provider.GetRequiredService<OutboxCommitInterceptor>();
        return options.Options.FindExtension<CoreOptionsExtension>()?.Interceptors?.Contains(commits) == true
            ? options
            : options.AddInterceptors(provider.GetRequiredService<SagaVersionInterceptor>(), commits);
    }

    private static void AddSagas<TDbContext>(this IServiceCollection services)
        where TDbContext : DbContext
    {
        services.TryAddSingleton<SagaVersionInterceptor>();
        services.ConfigureDbContext<TDbContext>((provider, options) => options.UseSagaPersistence(provider));
    }

    private static void AddOutbox<TDbContext>(this IServiceCollection services)
        where TDbContext : DbContext
    {
        services.TryAddSingleton<OutboxLedger>();
        services.TryAddSingleton<OutboxRowFactory>();
        services.TryAddSingleton<OutboxCommitInterceptor>();
        services.TryAddScoped<OutboxStatus<TDbContext>>();
        services.TryAddScoped<OutboxDeadLetters<TDbContext>>();
        services.TryAddScoped(provider => new OutboxWithdrawal<TDbContext>(
            provider.GetRequiredService<TDbContext>(), provider.GetRequiredService<OutboxCommitInterceptor>()));
        services.AddSingleton<IReceiveObserver, OutboxReceiveObserver>();
        services.AddHostedService<OutboxSettler<TDbContext>>();
    }

    private static void AddInbox<TDbContext>(this IServiceCollection services)
        where TDbContext : DbContext
    {
        services.TryAddScoped<ConsumeTransaction>();
        services.TryAddScoped<IOutboxContextFactory<TDbContext>, TransactionalConsumeFactory<TDbContext>>();
        services.AddHostedService<InboxCleaner<TDbContext>>();
    }
}

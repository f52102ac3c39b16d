using MassTransit;
using MassTransit.Configuration;
using MassTransit.DependencyInjection;
using MassTransit.JobService;
using MassTransit.Metadata;
using MassTransit.Middleware;
using MassTransit.Transports;
using Microsoft.EntityFrameworkCore;

namespace Gateway.SagaPersistence.Inbox;

/// <summary>Puts the transaction in front of every saga and consumer that is configured on the endpoint after it was connected.</summary>
internal sealed class TransactionalEndpointObserver<TDbContext>(
    IReceiveEndpointConfigurator endpoint,
    IRegistrationContext context,
    TransactionalEndpointOptions options) : IConsumerConfigurationObserver, ISagaConfigurationObserver
    where TDbContext : DbContext
{
    private readonly Dictionary<Type, MessageUsers> users = [];

    public void ConsumerConfigured<TConsumer>(IConsumerConfigurator<TConsumer> configurator)
        where TConsumer : class
    {
    }

    public void ConsumerMessageConfigured<TConsumer, TMessage>(IConsumerMessageConfigurator<TConsumer, TMessage> configurator)
        where TConsumer : class
        where TMessage : class => AddFilter<TConsumer, TMessage>((IConsumerMessageConfigurator<TMessage>)configurator);

    public void SagaConfigured<TSaga>(ISagaConfigurator<TSaga> configurator)
        where TSaga : class, ISaga
    {
    }

    public void StateMachineSagaConfigured<TInstance>(ISagaConfigurator<TInstance> configurator, SagaStateMachine<TInstance> stateMachine)
        where TInstance : class, ISaga, SagaStateMachineInstance
    {
    }

    public void SagaMessageConfigured<TSaga, TMessage>(ISagaMessageConfigurator<TSaga, TMessage> configurator)
        where TSaga : class, ISaga
        where TMessage : class => AddFilter<TSaga, TMessage>((ISagaMessageConfigurator<TMessage>)configurator);

    private void AddFilter<TUser, TMessage>(IPipeConfigurator<ConsumeContext<TMessage>> pipe)
        where TUser : class
        where TMessage : class
    {
        if (!users.TryGetValue(typeof(TMessage), out var sharing))
        {
            users.Add(typeof(TMessage), sharing = new MessageUsers());
        }

        sharing.Count++;
        var consumeOptions = new TransactionalConsumeOptions
        {
            // Names the consumer in the inbox: renaming saga, consumer, message or endpoint makes old messages look new.
            ConsumerId = JobMetadataCache<TUser, TMessage>.GenerateJobTypeId(endpoint.InputAddress.GetEndpointName()),
            ConsumerType = TypeMetadataCache<TUser>.ShortName,
            Inbox = options.Inbox,
            Priority = options.Priority,
            Users = sharing,
        };
        pipe.AddPipeSpecification(new FilterPipeSpecification<ConsumeContext<TMessage>>(
            new OutboxConsumeFilter<TDbContext, TMessage>(new ConsumeScopeProvider(context), consumeOptions)));
    }
}

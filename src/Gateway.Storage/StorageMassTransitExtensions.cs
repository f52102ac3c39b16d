using Gateway.Jobs.Lifecycle;
using Gateway.SagaPersistence;
using MassTransit;

namespace Gateway.Storage;

/// <summary>What a bus configuration says to keep sagas and messages in our tables.</summary>
public static class StorageMassTransitExtensions
{
    /// <summary>Keeps jobs in the table <c>Jobs</c>.</summary>
    /// <param name="saga">The registration of the lifecycle.</param>
    public static ISagaRegistrationConfigurator<Job> StoredInGatewayDb(this ISagaRegistrationConfigurator<Job> saga) => saga.StoredIn<GatewayDb, Job>();

    /// <summary>One transaction around each message of the endpoint: effect, outgoing messages, and an inbox row where asked for.</summary>
    /// <param name="endpoint">The endpoint, before its consumers are configured.</param>
    /// <param name="context">The bus registration.</param>
    /// <param name="inbox">False where every message is idempotent by itself.</param>
    public static void UseGatewayTransactions(this IReceiveEndpointConfigurator endpoint, IRegistrationContext context, bool inbox) =>
        endpoint.UseTransactionalOutbox<GatewayDb>(context, options => options.Inbox = inbox);
}

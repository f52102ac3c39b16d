using Gateway.Contracts;
using MassTransit;

namespace Gateway.Execution.Runs;

/// <summary>The worker's own queue: it goes when the worker goes, since its messages are only for this one and only for now.</summary>
/// <param name="workerId">The worker.</param>
internal sealed class WorkerEndpoint(Guid workerId) : IEndpointDefinition
{
    /// <inheritdoc/>
    public bool IsTemporary => true;

    /// <inheritdoc/>
    public int? PrefetchCount => null;

    /// <inheritdoc/>
    public int? ConcurrentMessageLimit => null;

    /// <inheritdoc/>
    public bool ConfigureConsumeTopology => false;

    /// <inheritdoc/>
    public string GetEndpointName(IEndpointNameFormatter formatter) => EndpointNames.Worker(workerId);

    /// <inheritdoc/>
    public void Configure<T>(T configurator, IRegistrationContext? context)
        where T : IReceiveEndpointConfigurator
    {
        // A cancel that fails is repeated by the next heartbeat's answer.
        configurator.PublishFaults = false;
        configurator.DiscardFaultedMessages();
        configurator.DiscardSkippedMessages();
    }
}

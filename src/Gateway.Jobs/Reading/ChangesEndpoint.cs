using Gateway.Contracts;
using MassTransit;

namespace Gateway.Jobs.Reading;

/// <summary>The queue through which this process hears of changes: nobody else reads it, and nothing in it is worth keeping.</summary>
internal sealed class ChangesEndpoint : IEndpointDefinition
{
    private readonly Guid process = JobIdText.NewId();

    /// <inheritdoc/>
    public bool IsTemporary => true;

    /// <inheritdoc/>
    public int? PrefetchCount => null;

    /// <inheritdoc/>
    public int? ConcurrentMessageLimit => null;

    /// <inheritdoc/>
    public bool ConfigureConsumeTopology => true;

    /// <inheritdoc/>
    public string GetEndpointName(IEndpointNameFormatter formatter) => EndpointNames.Changes(process);

    /// <inheritdoc/>
    public void Configure<T>(T configurator, IRegistrationContext? context)
        where T : IReceiveEndpointConfigurator
    {
        // Nothing beyond the members above.
    }
}

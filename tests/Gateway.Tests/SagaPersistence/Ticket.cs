using MassTransit;

namespace Gateway.Tests.SagaPersistence;

/// <summary>The tiny saga of these tests: a ticket that one worker may claim.</summary>
internal sealed class Ticket : SagaStateMachineInstance, ISagaVersion
{
    public Guid CorrelationId { get; set; }

    public string CurrentState { get; set; } = "Open";

    public int Version { get; set; }

    public int Worker { get; set; }

    public int Effects { get; set; }
}

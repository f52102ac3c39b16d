using System.Collections.Concurrent;
using Gateway.Contracts.Events;
using MassTransit;

namespace Gateway.EndToEndTests.Subscribers;

/// <summary>An example: a service on .NET that hears the public events, with MassTransit and the contracts alone.</summary>
internal sealed class EventSubscriber(Uri broker, string queue) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Guid, object> _had = new();
    private IBusControl? _bus;

    /// <summary>Each event once: at least once means that one may come again, with the same id. A real subscriber keeps the ids with its own data.</summary>
    public IReadOnlyList<object> Events => [.. _had.Values];

    public async Task<EventSubscriber> StartAsync(CancellationToken cancellationToken)
    {
        _bus = Bus.Factory.CreateUsingRabbitMq(bus =>
        {
            bus.Host(broker);
            bus.ReceiveEndpoint(queue, endpoint =>
            {
                // Durable, so that nothing is missed while nobody listens.
                endpoint.SetQuorumQueue();
                endpoint.Handler<AgentJobStarted>(c => Hear(c.Message.EventId, c.Message));
                endpoint.Handler<AgentJobRetrying>(c => Hear(c.Message.EventId, c.Message));
                endpoint.Handler<AgentJobCompleted>(c => Hear(c.Message.EventId, c.Message));
                endpoint.Handler<AgentJobFailed>(c => Hear(c.Message.EventId, c.Message));
                endpoint.Handler<AgentJobCanceled>(c => Hear(c.Message.EventId, c.Message));
            });
        });
        await _bus.StartAsync(cancellationToken);
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        if (_bus is not null)
        {
            await _bus.StopAsync(CancellationToken.None);
        }
    }

    private Task Hear(Guid eventId, object told)
    {
        _had.TryAdd(eventId, told);
        return Task.CompletedTask;
    }
}

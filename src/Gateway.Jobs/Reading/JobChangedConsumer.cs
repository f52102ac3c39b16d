using Gateway.Contracts.Events;
using MassTransit;

namespace Gateway.Jobs.Reading;

/// <summary>Hears of changes that other processes have committed; its own ones are known already.</summary>
public sealed class JobChangedConsumer(JobSignals signals, IBus bus) : IConsumer<JobChanged>
{
    /// <summary>Takes one change.</summary>
    /// <param name="context">The change.</param>
    public Task Consume(ConsumeContext<JobChanged> context)
    {
        if (context.SourceAddress != bus.Address)
        {
            signals.Notify(context.Message);
        }

        return Task.CompletedTask;
    }
}

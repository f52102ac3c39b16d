using Gateway.Contracts.Events;
using MassTransit;

namespace Gateway.Jobs.Output;

/// <summary>Stores pieces of output and answers with what is stored: the answer is the back-pressure.</summary>
public sealed class RunOutputConsumer(IOutputStore store) : IConsumer<RunOutput>
{
    /// <summary>Stores one piece.</summary>
    /// <param name="context">The piece.</param>
    public async Task Consume(ConsumeContext<RunOutput> context) =>
        await context.RespondAsync(await store.AppendAsync(context.Message, context.CancellationToken));
}

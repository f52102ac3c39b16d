using MassTransit;

namespace Gateway.Tests.SagaPersistence;

internal sealed class PlainConsumer(TicketScript script) : IConsumer<NoteTaken>
{
    public async Task Consume(ConsumeContext<NoteTaken> context)
    {
        await script.InPlain(context);
        await script.Plain.Writer.WriteAsync(context.Message);
    }
}

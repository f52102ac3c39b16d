using MassTransit;

namespace Gateway.Tests.SagaPersistence;

/// <summary>A plain consumer with the context and an outgoing row.</summary>
internal sealed class NoteConsumer(TicketDb db, ISendEndpointProvider sender, TicketScript script) : IConsumer<TakeNote>
{
    public async Task Consume(ConsumeContext<TakeNote> context)
    {
        script.NoteMessageIds.Enqueue(context.MessageId);
        db.Notes.Add(new Note { NoteId = context.Message.Id, Text = context.Message.Text });
        // Through the injected provider, as application code does: it must end in the outbox as well.
        await (await sender.GetSendEndpoint(new Uri("queue:plain"))).Send(new NoteTaken(context.Message.Id));
        await script.InNote(context);
    }
}

using Gateway.Contracts.Commands;
using Gateway.Contracts.Events;
using MassTransit;
using MassTransit.Serialization;

namespace Gateway.Hosting.Transports.RabbitMq;

/// <summary>
/// What stands on the outside of a message: who sent it, what it is, of which job; and whether it has to find a queue.
/// Set before a row of the outbox is written, since a row that is sent again is a body without a type.
/// </summary>
internal static class MessageLabels
{
    /// <summary>Labels everything that is sent and published.</summary>
    /// <param name="bus">The bus.</param>
    /// <param name="application">Name of the program.</param>
    public static void UseMessageLabels(this IRabbitMqBusFactoryConfigurator bus, string application)
    {
        bus.ConfigureSend(send => send.UseSendExecute(context => Label(context, application)));
        bus.ConfigurePublish(publish => publish.UseExecute(context => Label(context, application)));
        bus.Command<RunClaudeRequest>(m => m.JobId);
        bus.Command<ClaimRun>(m => m.JobId);
        bus.Command<CancelRun>(m => m.JobId);
        bus.Command<RequestCancellation>(m => m.JobId);
        bus.Command<RunStarted>(m => m.JobId);
        bus.Command<RunOutput>(m => m.JobId);
        bus.Command<RunCompleted>(m => m.JobId);
        bus.Command<RunFailed>(m => m.JobId);
        bus.Command<RunCanceled>(m => m.JobId);
        bus.Command<RunInterrupted>(m => m.JobId);
        bus.Command<AttemptLost>(m => m.JobId);

        // The others need no queue. A heartbeat is followed by the next one; whoever asked and has gone asks again from another
        // queue, and an answer that comes back would put the question among the errors.
        bus.Other<WorkerHeartbeat>(m => m.WorkerId);
        bus.Other<RunGranted>(m => m.JobId);
        bus.Other<RunDenied>(m => m.JobId);
        bus.Other<RunReceipt>(m => m.JobId);
        bus.Other<CancellationAnswer>(m => m.JobId);
    }

    private static void Command<T>(this IRabbitMqBusFactoryConfigurator bus, Func<T, Guid> subject)
        where T : class
    {
        bus.Other(subject);
        bus.ConfigureSend(send => send.UseSendExecute<T>(context =>
        {
            // The broker confirms what no queue takes, and drops it: without this a command would be gone and counted as sent.
            if (context.TryGetPayload<RabbitMqSendContext>(out var rabbit))
            {
                rabbit.Mandatory = true;
            }
        }));
    }

    private static void Other<T>(this IRabbitMqBusFactoryConfigurator bus, Func<T, Guid> subject)
        where T : class => bus.Send<T>(topology => topology.UseCorrelationId(subject));

    private static void Label(SendContext context, string application)
    {
        if (context is SendContext<SerializedMessageBody> || !context.TryGetPayload<RabbitMqSendContext>(out var rabbit))
        {
            return;
        }

        rabbit.BasicProperties.AppId = application;
        rabbit.BasicProperties.Type = context.SupportedMessageTypes is [var urn, ..] ? urn[(urn.LastIndexOf(':') + 1)..] : null;
    }
}

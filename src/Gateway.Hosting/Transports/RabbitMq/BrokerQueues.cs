using Gateway.Contracts;
using MassTransit;
using RabbitMQ.Client;

namespace Gateway.Hosting.Transports.RabbitMq;

/// <summary>
/// The kind of our queues, in one place: a queue's arguments cannot be changed where it stands, so whoever declares it
/// must say the same.
/// </summary>
public static class BrokerQueues
{
    /// <summary>How often the broker hands out a message that nobody acknowledges before it is set aside. RabbitMQ 3.10 has no limit of its own, 4.0 has this one.</summary>
    public const int DeliveryLimit = 20;

    private const string QueueType = "x-queue-type";
    private const string Limit = "x-delivery-limit";
    private const string DeadLetters = "x-dead-letter-exchange";

    // Their sender asks again until it is answered, and each question expires. Set aside, copies would pile up whenever nobody answers.
    private static readonly HashSet<string> AskedAgain = [EndpointNames.Claim, EndpointNames.RunOutput, EndpointNames.Heartbeat];

    /// <summary>Where the broker, and MassTransit, put what cannot be delivered.</summary>
    /// <param name="queue">Name of a queue.</param>
    public static string Errors(string queue) => $"{queue}_error";

    /// <summary>Makes the endpoint's queue a replicated one with our limits.</summary>
    /// <param name="endpoint">The endpoint, of a RabbitMQ bus.</param>
    public static void UseDurableQueue(this IReceiveEndpointConfigurator endpoint)
    {
        var queue = endpoint.InputAddress.Segments[^1];
        var rabbit = (IRabbitMqReceiveEndpointConfigurator)endpoint;
        foreach (var (key, value) in ArgumentsOf(queue))
        {
            rabbit.SetQueueArgument(key, value);
        }

        if (!AskedAgain.Contains(queue))
        {
            rabbit.BindDeadLetterQueue(Errors(queue), Errors(queue), errors =>
            {
                foreach (var (key, value) in ArgumentsOf(queue))
                {
                    errors.SetQueueArgument(key, value);
                }
            });
        }
    }

    /// <summary>Declares a queue that this process sends to and does not read, with its exchange and its queue of errors.</summary>
    internal static async Task DeclareAsync(IChannel channel, string queue, CancellationToken cancellationToken)
    {
        foreach (var name in AskedAgain.Contains(queue) ? [queue] : (string[])[Errors(queue), queue])
        {
            await channel.ExchangeDeclareAsync(name, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);
            await channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, ArgumentsOf(queue), cancellationToken: cancellationToken);
            await channel.QueueBindAsync(name, name, routingKey: "", cancellationToken: cancellationToken);
        }
    }

    // A queue of errors has the arguments of the queue beside it: so does MassTransit declare it.
    private static Dictionary<string, object?> ArgumentsOf(string queue)
    {
        var arguments = new Dictionary<string, object?> { [QueueType] = "quorum", [Limit] = DeliveryLimit };
        if (!AskedAgain.Contains(queue))
        {
            arguments[DeadLetters] = Errors(queue);
        }

        return arguments;
    }
}

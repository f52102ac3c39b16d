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

    // Each look at a message that is put back counts as a delivery, in the management pages too: with the limit above the twenty-first
    // would throw away what somebody wants to find out about. RabbitMQ 4 has a limit where none is given, so a large one is given.
    private const int LooksLimit = 1_000_000;

    private const string ErrorSuffix = "_error";
    private const string SkippedSuffix = "_skipped";
    private const string QueueType = "x-queue-type";
    private const string Quorum = "quorum";
    private const string Limit = "x-delivery-limit";
    private const string DeadLetters = "x-dead-letter-exchange";

    // Their sender asks again until it is answered, and each question expires. Set aside, copies would pile up whenever nobody answers.
    private static readonly HashSet<string> AskedAgain = [EndpointNames.Claim, EndpointNames.RunOutput, EndpointNames.Heartbeat, EndpointNames.Transcript];

    /// <summary>Where the broker, and MassTransit, put what cannot be delivered.</summary>
    /// <param name="queue">Name of a queue.</param>
    public static string Errors(string queue) => $"{queue}{ErrorSuffix}";

    /// <summary>Where MassTransit puts what no consumer of a queue understands.</summary>
    /// <param name="queue">Name of a queue.</param>
    public static string Skipped(string queue) => $"{queue}{SkippedSuffix}";

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
            rabbit.BindDeadLetterQueue(Errors(queue), Errors(queue), KeepForLooks);
            endpoint.TellKindsOfFaultsAlone();
        }
    }

    /// <summary>Makes the queues of errors and of what nobody understood such that messages stay there, however often somebody looks.</summary>
    /// <param name="bus">The bus.</param>
    internal static void UseLastingErrors(this IRabbitMqBusFactoryConfigurator bus)
    {
        bus.SendTopology.ConfigureErrorSettings = KeepForLooks;
        bus.SendTopology.ConfigureDeadLetterSettings = KeepForLooks;
    }

    /// <summary>Declares a queue that this process sends to and does not read, with its exchange and its queue of errors.</summary>
    internal static async Task DeclareAsync(IChannel channel, string queue, CancellationToken cancellationToken)
    {
        if (!AskedAgain.Contains(queue))
        {
            await DeclareLastingAsync(channel, Errors(queue), cancellationToken);
        }

        await DeclareAsync(channel, queue, ArgumentsOf(queue), cancellationToken);
    }

    /// <summary>Declares a queue that nobody reads, for messages that stay until somebody has looked at them, with its exchange.</summary>
    internal static Task DeclareLastingAsync(IChannel channel, string queue, CancellationToken cancellationToken) =>
        DeclareAsync(channel, queue, new Dictionary<string, object?> { [QueueType] = Quorum, [Limit] = LooksLimit }, cancellationToken);

    private static async Task DeclareAsync(IChannel channel, string queue, Dictionary<string, object?> arguments, CancellationToken cancellationToken)
    {
        await channel.ExchangeDeclareAsync(queue, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(queue, queue, routingKey: "", cancellationToken: cancellationToken);
    }

    // MassTransit begins with the arguments of the queue beside it.
    private static void KeepForLooks(IRabbitMqQueueConfigurator errors)
    {
        errors.SetQueueArgument(QueueType, Quorum);
        errors.SetQueueArgument(Limit, LooksLimit);
        errors.SetQueueArgument(DeadLetters, null);
    }

    private static Dictionary<string, object?> ArgumentsOf(string queue)
    {
        var arguments = new Dictionary<string, object?> { [QueueType] = Quorum, [Limit] = DeliveryLimit };
        if (!AskedAgain.Contains(queue))
        {
            arguments[DeadLetters] = Errors(queue);
        }

        return arguments;
    }
}

using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Gateway.Hosting.Transports.RabbitMq.DeadLetters;

/// <summary>
/// The messages that nobody could take, for the one who looks after them: what lies in the queues of errors, of what nobody understood,
/// and of what was parked. Whoever looks takes them for a moment and puts them back; whoever acts has the copy confirmed before
/// the original goes, so that a crash leaves two and never none.
/// </summary>
public sealed partial class BrokerDeadLetters : IDisposable
{
    private const string Parked = "gateway-parked";
    private const int MostLooksAQueue = 500;
    private const ushort NotFound = 404;
    private readonly BrokerConnections connections;
    private readonly ILogger<BrokerDeadLetters> logger;
    private readonly IReadOnlyList<string> queues;

    // Two looks at the same time would each see what the other has not taken.
    private readonly SemaphoreSlim one = new(1, 1);

    /// <summary>Creates it.</summary>
    /// <param name="queues">The queues that things were to go to.</param>
    /// <param name="connections">Makes connections.</param>
    /// <param name="logger">Where acts are told.</param>
    internal BrokerDeadLetters(IReadOnlyList<string> queues, BrokerConnections connections, ILogger<BrokerDeadLetters> logger)
    {
        this.queues = [.. queues.SelectMany(queue => (string[])[BrokerQueues.Errors(queue), BrokerQueues.Skipped(queue)]), Parked];
        this.connections = connections;
        this.logger = logger;
    }

    /// <summary>Lists them, without bodies.</summary>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <exception cref="BrokerUnavailableException">The broker cannot be asked.</exception>
    public async Task<IReadOnlyList<BrokerLetter>> ListAsync(CancellationToken cancellationToken)
    {
        List<BrokerLetter> letters = [];
        await LookAsync((queue, message, _) =>
        {
            letters.Add(LetterReading.Of(queue, message, withBody: false));
            return Task.FromResult(false);
        }, cancellationToken);
        return letters;
    }

    /// <summary>Finds one, with its headers and an outline of its body; null when there is none.</summary>
    /// <param name="id">Its handle.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <exception cref="BrokerUnavailableException">The broker cannot be asked.</exception>
    public async Task<BrokerLetter?> FindAsync(string id, CancellationToken cancellationToken)
    {
        BrokerLetter? found = null;
        await LookAsync((queue, message, _) =>
        {
            found = LetterReading.IdOf(message) == id ? LetterReading.Of(queue, message, withBody: true) : null;
            return Task.FromResult(found is not null);
        }, cancellationToken);
        return found;
    }

    /// <summary>Sends one again to where it was to go, under its old message id: who has consumed it denies it.</summary>
    /// <param name="id">Its handle.</param>
    /// <param name="cancellationToken">Gives up; the message is then where it was, or in both places.</param>
    /// <returns>False when there is none.</returns>
    /// <exception cref="BrokerUnavailableException">The broker cannot be asked, or no queue is there to take it.</exception>
    public Task<bool> RedriveAsync(string id, CancellationToken cancellationToken) => MoveAsync(
        id,
        async (queue, message, channel) =>
        {
            var letter = LetterReading.Of(queue, message, withBody: false);
            await PublishAsync(channel, letter.Destination, LetterReading.ToRedrive(message), message, cancellationToken);
            LogRedriven(letter.JobId, id, letter.Destination);
            return true;
        },
        cancellationToken);

    /// <summary>Sets one aside: it is kept, and counts as dead no more. Parking it again changes nothing.</summary>
    /// <param name="id">Its handle.</param>
    /// <param name="cancellationToken">Gives up; the message is then where it was, or in both places.</param>
    /// <returns>False when there is none.</returns>
    /// <exception cref="BrokerUnavailableException">The broker cannot be asked.</exception>
    public Task<bool> ParkAsync(string id, CancellationToken cancellationToken) => MoveAsync(
        id,
        async (queue, message, channel) =>
        {
            if (queue == Parked)
            {
                return false;
            }

            await BrokerQueues.DeclareLastingAsync(channel, Parked, cancellationToken);
            await PublishAsync(channel, Parked, LetterReading.ToPark(queue, message), message, cancellationToken);
            return true;
        },
        cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => one.Dispose();

    // Mandatory and confirmed: else a message without a queue would be gone and counted as sent.
    private static async Task PublishAsync(IChannel channel, string exchange, BasicProperties properties, BasicGetResult message, CancellationToken cancellationToken) =>
        await channel.BasicPublishAsync(exchange, routingKey: "", mandatory: true, properties, message.Body, cancellationToken);

    /// <summary>Finds one and has a copy made of it; where that says so, the original goes.</summary>
    private async Task<bool> MoveAsync(string id, Func<string, BasicGetResult, IChannel, Task<bool>> copy, CancellationToken cancellationToken)
    {
        var found = false;
        await LookAsync(async (queue, message, channel) =>
        {
            found = LetterReading.IdOf(message) == id;
            if (found && await copy(queue, message, channel))
            {
                await channel.BasicAckAsync(message.DeliveryTag, multiple: false, cancellationToken);
            }

            return found;
        }, cancellationToken);
        return found;
    }

    /// <summary>Shows one message after the other until <paramref name="seen"/> says that it was the last; each that was not acknowledged goes back.</summary>
    private async Task LookAsync(Func<string, BasicGetResult, IChannel, Task<bool>> seen, CancellationToken cancellationToken)
    {
        await one.WaitAsync(cancellationToken);
        try
        {
            await using var connection = await connections.OpenAsync("dead letters", cancellationToken);
            foreach (var queue in queues)
            {
                if (await LookAsync(connection, queue, seen, cancellationToken))
                {
                    return;
                }
            }
        }
        catch (Exception problem) when (problem is BrokerUnreachableException or OperationInterruptedException or AlreadyClosedException or PublishException or IOException)
        {
            throw new BrokerUnavailableException(problem);
        }
        finally
        {
            one.Release();
        }
    }

    private static async Task<bool> LookAsync(IConnection connection, string queue, Func<string, BasicGetResult, IChannel, Task<bool>> seen, CancellationToken cancellationToken)
    {
        // The end of the channel puts back what was taken. It is also the end of the channel when the queue is not there: hence one for each.
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken);
        for (var looks = 0; looks < MostLooksAQueue && await TakeAsync(channel, queue, cancellationToken) is { } message; looks++)
        {
            if (await seen(queue, message, channel))
            {
                return true;
            }
        }

        return false;
    }

    private static async Task<BasicGetResult?> TakeAsync(IChannel channel, string queue, CancellationToken cancellationToken)
    {
        try
        {
            return await channel.BasicGetAsync(queue, autoAck: false, cancellationToken);
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == NotFound)
        {
            // Nothing was ever set aside there.
            return null;
        }
    }

    [LoggerMessage(EventId = 4020, Level = LogLevel.Information, Message = "{JobId}: the dead message {Letter} is sent again to {Destination}")]
    private partial void LogRedriven(Guid? jobId, string letter, string destination);
}

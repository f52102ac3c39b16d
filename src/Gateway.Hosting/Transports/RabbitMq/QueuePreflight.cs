using Microsoft.Extensions.Hosting;
using RabbitMQ.Client.Exceptions;

namespace Gateway.Hosting.Transports.RabbitMq;

/// <summary>
/// Declares the queues that this process reads, one after the other, before the bus does. Where one stands with other arguments the
/// broker closes the channel; the bus declares a queue and its queue of errors at once on one channel, and when it is closed under
/// them the second can wait for ever, and the start with it.
/// </summary>
/// <param name="queues">Names of the queues.</param>
/// <param name="connections">Opens the connection.</param>
internal sealed class QueuePreflight(IReadOnlyList<string> queues, BrokerConnections connections) : IHostedLifecycleService
{
    private const int PreconditionFailed = 406;

    /// <inheritdoc />
    /// <exception cref="InvalidOperationException">A queue stands with other arguments.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await connections.OpenAsync("queues", cancellationToken);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            foreach (var queue in queues)
            {
                await BrokerQueues.DeclareAsync(channel, queue, cancellationToken);
            }
        }
        catch (OperationInterruptedException refused) when (refused.ShutdownReason?.ReplyCode == PreconditionFailed)
        {
            throw new InvalidOperationException(
                $"The broker has a queue that was declared otherwise: {refused.ShutdownReason.ReplyText}. Empty it with the version that made it, delete it, and start again.", refused);
        }
        catch (Exception problem) when (problem is BrokerUnreachableException or OperationInterruptedException or AlreadyClosedException or IOException or System.Net.Sockets.SocketException)
        {
            // A broker that is away, or refuses the user: the bus finds the same, waits as long as it may, and says why.
            return;
        }
    }

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Hosting.Transports.RabbitMq;

/// <summary>
/// Declares the queues that this process sends to and does not read, at the start and again and again: a command finds
/// its queue before the first worker has come, and after somebody deleted it.
/// </summary>
internal sealed partial class QueueKeeper(IReadOnlyList<string> queues, BrokerConnections connections, TimeProvider clock, ILogger<QueueKeeper> logger)
    : BackgroundService
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(BetweenLooks, clock);
        do
        {
            try
            {
                await DeclareAsync(stoppingToken);
            }
            catch (Exception problem) when (!stoppingToken.IsCancellationRequested)
            {
                // The bus tells of a broker that is away; this tells of a queue that is not as it should be.
                QueuesNotDeclared(problem.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task DeclareAsync(CancellationToken cancellationToken)
    {
        // For the moment only: what is needed once in a while holds no connection in between.
        await using var connection = await connections.OpenAsync("queues", cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        foreach (var queue in queues)
        {
            await BrokerQueues.DeclareAsync(channel, queue, cancellationToken);
        }
    }

    [LoggerMessage(EventId = 4010, Level = LogLevel.Warning, Message = "The queues of runs could not be declared; it is tried again: {Fault}")]
    private partial void QueuesNotDeclared(string fault);
}

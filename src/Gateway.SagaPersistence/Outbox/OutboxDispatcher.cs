using MassTransit;
using MassTransit.Middleware;
using MassTransit.Serialization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.SagaPersistence.Outbox;

/// <summary>Sends committed rows, many at a time. Order between messages is not kept.</summary>
internal sealed partial class OutboxDispatcher(
    OutboxLedger ledger,
    IBus bus,
    IOptions<SagaPersistenceOptions> options,
    TimeProvider clock,
    ILogger<OutboxDispatcher> logger) : BackgroundService
{
    private readonly bool deleteWhenConfirmed = options.Value.Delivery == OutboxDelivery.DeleteWhenConfirmed;
    private readonly TimeSpan lockDuration = options.Value.LockDuration;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var sends = new List<Task>(options.Value.DispatchBatch);
        while (await ledger.Committed.WaitToReadAsync(stoppingToken))
        {
            while (sends.Count < options.Value.DispatchBatch && ledger.Committed.TryRead(out var row))
            {
                sends.Add(SendAsync(row, stoppingToken));
            }

            await Task.WhenAll(sends);
            sends.Clear();
        }
    }

    private async Task SendAsync(OutboxRow row, CancellationToken cancellationToken)
    {
        if (row.ExpiresMs is { } expires && expires <= clock.GetUtcNow().ToUnixTimeMilliseconds())
        {
            ledger.TryTake(row.MessageId, out _);
            ledger.Settle(new Settlement(row.Seq, SettlementKind.Delete, null));
            LogExpired(row.MessageId, row.MessageType);
            return;
        }

        try
        {
            var destination = new Uri(row.Destination);
            var endpoint = await bus.GetSendEndpoint(destination);
            var sending = endpoint.Send(new SerializedMessageBody(), new OutboxMessageSendPipe(new StoredMessage(row, destination), destination), cancellationToken);

            // A send that was on its way when the connection broke may never be told of, and all others would wait for it. After the lock
            // the row is anybody's anyway.
            await (deleteWhenConfirmed ? sending.WaitAsync(lockDuration, clock, cancellationToken) : sending);
            if (deleteWhenConfirmed || row.Published)
            {
                ledger.Settle(new Settlement(row.Seq, SettlementKind.Delete, null));
            }
        }
        catch (Exception exception)
        {
            // Edge of a background loop: whatever went wrong, the row is still there and the sweeper tries again.
            ledger.TryTake(row.MessageId, out _);
            ledger.Settle(new Settlement(row.Seq, SettlementKind.Release, null));
            if (!cancellationToken.IsCancellationRequested)
            {
                LogSendFailed(exception, row.MessageId, row.Destination);
            }
        }
    }

    [LoggerMessage(101, LogLevel.Warning, "Message {MessageId} could not be sent to {Destination}; it will be tried again")]
    private partial void LogSendFailed(Exception exception, Guid messageId, string destination);

    [LoggerMessage(102, LogLevel.Information, "Message {MessageId} of type {MessageType} expired before it was sent")]
    private partial void LogExpired(Guid messageId, string messageType);
}

using MassTransit;

namespace Gateway.SagaPersistence.Outbox;

/// <summary>Embedded: sees what became of each message and settles its row, unless the consumer's own transaction already has.</summary>
internal sealed class OutboxReceiveObserver(OutboxLedger ledger) : IReceiveObserver
{
    private const string NobodyTookIt = "No consumer took the message.";

    public Task PreReceive(ReceiveContext context)
    {
        if (context.GetMessageId() is { } messageId && ledger.TryGet(messageId, out var delivery))
        {
            delivery.Received = true;
        }

        return Task.CompletedTask;
    }

    public Task PostReceive(ReceiveContext context)
    {
        if (context.GetMessageId() is { } messageId && ledger.TryTake(messageId, out var delivery))
        {
            // Delivered and faulted at once happens: the consumer ended well and its commit did not.
            ledger.Settle(context is { IsDelivered: true, IsFaulted: false }
                ? new Settlement(delivery.Seq, SettlementKind.Delete, null)
                : Failed(delivery, NobodyTookIt));
        }

        return Task.CompletedTask;
    }

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class
    {
        if (context.MessageId is { } messageId && ledger.TryGet(messageId, out var delivery))
        {
            Note(delivery, exception);
        }

        return Task.CompletedTask;
    }

    /// <summary>The last word for this message: PostReceive is not called after it.</summary>
    public Task ReceiveFault(ReceiveContext context, Exception exception)
    {
        if (context.GetMessageId() is { } messageId && ledger.TryTake(messageId, out var delivery))
        {
            Note(delivery, exception);
            ledger.Settle(Failed(delivery, NobodyTookIt));
        }

        return Task.CompletedTask;
    }

    // A consumer that was canceled, by a stop or by what it waited for, has not judged the message: it is sent again. MassTransit
    // tells a cancellation by any other token than its own as ConsumerCanceledException.
    private static void Note(Delivery delivery, Exception exception)
    {
        if (exception is OperationCanceledException or ConsumerCanceledException)
        {
            delivery.Interrupted = true;
            return;
        }

        var reason = KindsOf(exception);
        delivery.Fault = reason.Length <= ModelBuilderExtensions.DeadReasonLength ? reason : reason[..ModelBuilderExtensions.DeadReasonLength];
    }

    // No word of theirs: it may hold a piece of the message, and a dead row stays longer than what the message is about.
    private static string KindsOf(Exception exception) =>
        exception.InnerException is { } cause ? $"{exception.GetType().Name}<-{KindsOf(cause)}" : exception.GetType().Name;

    private static Settlement Failed(Delivery delivery, string reason) => delivery switch
    {
        { Fault: { } fault } => new Settlement(delivery.Seq, SettlementKind.Dead, fault),
        { Interrupted: true } => new Settlement(delivery.Seq, SettlementKind.Release, null),
        _ => new Settlement(delivery.Seq, SettlementKind.Dead, reason),
    };
}

using Gateway.SagaPersistence.Outbox;
using MassTransit;
using MassTransit.Middleware;
using MassTransit.Middleware.Outbox;

namespace Gateway.SagaPersistence.Inbox;

/// <summary>What a consumer sees behind the transaction: what it sends becomes rows, what it answers is held until the commit.</summary>
internal sealed class TransactionalConsumeContext<TMessage>(
    ConsumeContext<TMessage> context,
    OutboxConsumeOptions options,
    IServiceProvider provider,
    Guid messageId,
    Action<OutboxRow> enlist,
    OutboxRowFactory rows,
    Func<Task> commit) : OutboxConsumeContextProxy<TMessage>(context, options, provider)
    where TMessage : class
{
    private readonly Lock sync = new();
    private readonly List<Func<CancellationToken, Task>> answers = [];

    public override Guid? MessageId => messageId;

    public override bool ContinueProcessing { get; set; } = true;

    /// <summary>Always false: one pass, one commit. MassTransit's own outbox comes back to deliver; ours leaves that to the dispatcher.</summary>
    public override bool IsMessageConsumed => false;

    public override bool IsOutboxDelivered => false;

    public override int ReceiveCount => 1;

    public override long? LastSequenceNumber => null;

    /// <summary>Here, and not after the pipe, because MassTransit reports a failure here as a fault of the consumer.</summary>
    public override Task SetConsumed() => commit();

    public override Task SetDelivered() => Task.CompletedTask;

    public override Task<List<OutboxMessageContext>> LoadOutboxMessages() => Task.FromResult(new List<OutboxMessageContext>());

    public override Task NotifyOutboxMessageDelivered(OutboxMessageContext message) => Task.CompletedTask;

    public override Task RemoveOutboxMessages() => Task.CompletedTask;

    public override Task AddSend<T>(SendContext<T> context)
    {
        if (context.RequestId is null)
        {
            enlist(rows.Create(context));
            return Task.CompletedTask;
        }

        lock (sync)
        {
            answers.Add(token => SendHeldAsync(context, token));
        }

        return Task.CompletedTask;
    }

    /// <summary>Sends what was held. Called after the commit.</summary>
    public async Task SendAnswersAsync(CancellationToken cancellationToken)
    {
        foreach (var answer in answers)
        {
            await answer(cancellationToken);
        }
    }

    private async Task SendHeldAsync<T>(SendContext<T> held, CancellationToken cancellationToken)
        where T : class
    {
        // The provider below the outbox: it neither stores nor adds this delivery's headers a second time.
        var endpoint = await CapturedContext.ReceiveContext.SendEndpointProvider.GetSendEndpoint(held.DestinationAddress!);
        await endpoint.Send(held.Message, new HeldMessagePipe<T>(held), cancellationToken);
    }
}

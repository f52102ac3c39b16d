using Gateway.SagaPersistence.Outbox;
using Gateway.SagaPersistence.Writing;
using MassTransit;
using MassTransit.Middleware;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Gateway.SagaPersistence.Inbox;

/// <summary>
/// One delivery attempt: gate, begin, inbox row, consumer or saga, outgoing rows, the consumed message's own outbox row away, commit.
/// One pass and one commit; answers go out after it.
/// </summary>
internal sealed partial class TransactionalConsumeFactory<TDbContext>(
    TDbContext db,
    ConsumeTransaction state,
    IWriteGate gate,
    OutboxLedger ledger,
    OutboxCommitInterceptor commits,
    OutboxRowFactory rows,
    IServiceProvider provider,
    TimeProvider clock,
    ILogger<TransactionalConsumeFactory<TDbContext>> logger) : IOutboxContextFactory<TDbContext>
    where TDbContext : DbContext
{
    public async Task Send<T>(ConsumeContext<T> context, OutboxConsumeOptions options, IPipe<OutboxConsumeContext<T>> next)
        where T : class
    {
        var endpoint = (TransactionalConsumeOptions)options;
        var cancellationToken = context.CancellationToken;
        var messageId = context.GetOriginalMessageId() ?? context.MessageId
            ?? throw new MessageException(typeof(T), "A message without an id cannot pass the transactional outbox.");
        await using var write = new WriteTurn(db, gate);
        if (!await BeginAsync(write, context, endpoint, messageId))
        {
            await write.DisposeAsync();
            await context.NotifyConsumed(context, TimeSpan.Zero, options.ConsumerType);
            LogDuplicate(messageId, options.ConsumerType);
            return;
        }

        var consume = new TransactionalConsumeContext<T>(
            context, options, provider, messageId, row => commits.Enlist(db, row), rows, () => CommitAsync(write, context, endpoint));
        state.IsOpen = true;
        try
        {
            await next.Send(consume);
        }
        finally
        {
            state.IsOpen = false;
        }

        try
        {
            await consume.SendAnswersAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The effect is committed: a retry would repeat it or be denied. The asker's timeout is what tells him.
            LogAnswerFailed(exception, messageId);
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("transactionalOutbox");

    /// <summary>False for a duplicate. A failure is told to MassTransit as a fault here, because no consumer runs that would tell it.</summary>
    private async Task<bool> BeginAsync<T>(WriteTurn write, ConsumeContext<T> context, TransactionalConsumeOptions endpoint, Guid messageId)
        where T : class
    {
        var started = clock.GetTimestamp();
        try
        {
            await write.BeginAsync(endpoint.Priority, context.CancellationToken);
            return !endpoint.Inbox || await InboxStatements.For(db).TryInsertAsync(
                db, messageId, endpoint.ConsumerId, clock.GetUtcNow().ToUnixTimeMilliseconds(), context.CancellationToken);
        }
        catch (Exception exception)
        {
            if (!context.ReceiveContext.IsFaulted)
            {
                await context.NotifyFaulted(clock.GetElapsedTime(started), endpoint.ConsumerType, exception);
            }

            throw;
        }
    }

    private async Task CommitAsync<T>(WriteTurn write, ConsumeContext<T> context, TransactionalConsumeOptions endpoint)
        where T : class
    {
        await db.SaveChangesAsync(context.CancellationToken);
        var settles = endpoint.Users.Count == 1 && context.MessageId is { } id && ledger.TryGetSeq(id, out var seq) ? (Id: id, Seq: seq) : default;
        if (settles.Seq > 0)
        {
            await InboxStatements.For(db).DeleteOutboxRowAsync(db, settles.Seq, context.CancellationToken);
        }

        await write.CommitAsync(context.CancellationToken);
        if (settles.Seq > 0)
        {
            ledger.TryTake(settles.Id, out _);
        }
    }

    [LoggerMessage(131, LogLevel.Information, "Message {MessageId} was denied: {ConsumerType} has had it")]
    private partial void LogDuplicate(Guid messageId, string consumerType);

    [LoggerMessage(132, LogLevel.Warning, "The answer to message {MessageId} could not be sent after the commit")]
    private partial void LogAnswerFailed(Exception exception, Guid messageId);
}

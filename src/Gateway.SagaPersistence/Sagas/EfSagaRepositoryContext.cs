using MassTransit;
using MassTransit.Context;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;

namespace Gateway.SagaPersistence.Sagas;

/// <summary>Loads and saves the instance of one message, tracked by the context of the scope.</summary>
/// <param name="db">The scope's context, also given to the saga as payload.</param>
/// <param name="context">The message.</param>
/// <param name="factory">Makes MassTransit's saga context.</param>
/// <param name="savesLater">The transaction's opener saves once, instance and outgoing rows together.</param>
internal sealed class EfSagaRepositoryContext<TDbContext, TSaga, TMessage>(
    TDbContext db,
    ConsumeContext<TMessage> context,
    ISagaConsumeContextFactory<TDbContext, TSaga> factory,
    bool savesLater) : ConsumeContextScope<TMessage>(context, db), SagaRepositoryContext<TSaga, TMessage>
    where TDbContext : DbContext
    where TSaga : class, ISaga
    where TMessage : class
{
    private readonly ConsumeContext<TMessage> context = context;

    public Task<SagaConsumeContext<TSaga, TMessage>> Add(TSaga instance) =>
        factory.CreateSagaConsumeContext(db, context, instance, SagaConsumeContextMode.Add);

    /// <summary>Null when another delivery has inserted it already. EF's savepoint keeps the transaction usable.</summary>
    public async Task<SagaConsumeContext<TSaga, TMessage>> Insert(TSaga instance)
    {
        var entry = db.Add(instance);
        var savepoints = db.Database.AutoSavepointsEnabled;
        db.Database.AutoSavepointsEnabled = true;
        try
        {
            await db.SaveChangesAsync(CancellationToken);
        }
        catch (DbUpdateException)
        {
            entry.State = EntityState.Detached;
            return null!;
        }
        finally
        {
            db.Database.AutoSavepointsEnabled = savepoints;
        }

        return await factory.CreateSagaConsumeContext(db, context, instance, SagaConsumeContextMode.Insert);
    }

    public async Task<SagaConsumeContext<TSaga, TMessage>> Load(Guid correlationId) =>
        await SagaQueries<TSaga>.LoadAsync(db, correlationId, CancellationToken) is { } instance
            ? await factory.CreateSagaConsumeContext(db, context, instance, SagaConsumeContextMode.Load)
            : null!;

    public Task Save(SagaConsumeContext<TSaga> context)
    {
        db.Add(context.Saga);
        return SaveAsync();
    }

    public Task Update(SagaConsumeContext<TSaga> context) => SaveAsync();

    public Task Delete(SagaConsumeContext<TSaga> context)
    {
        db.Remove(context.Saga);
        return SaveAsync();
    }

    public Task Discard(SagaConsumeContext<TSaga> context) => Task.CompletedTask;

    public Task Undo(SagaConsumeContext<TSaga> context)
    {
        db.Entry(context.Saga).State = EntityState.Unchanged;
        return Task.CompletedTask;
    }

    public Task<SagaConsumeContext<TSaga, T>> CreateSagaConsumeContext<T>(ConsumeContext<T> consumeContext, TSaga instance, SagaConsumeContextMode mode)
        where T : class => factory.CreateSagaConsumeContext(db, consumeContext, instance, mode);

    private Task SaveAsync() => savesLater ? Task.CompletedTask : db.SaveChangesAsync(CancellationToken);
}

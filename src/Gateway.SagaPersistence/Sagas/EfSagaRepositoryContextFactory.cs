using Gateway.SagaPersistence.Inbox;
using Gateway.SagaPersistence.Writing;
using MassTransit;
using MassTransit.Saga;
using Microsoft.EntityFrameworkCore;

namespace Gateway.SagaPersistence.Sagas;

/// <summary>MassTransit's saga repository on EF Core. Behind the transactional outbox it joins that transaction; alone it opens its own.</summary>
internal sealed class EfSagaRepositoryContextFactory<TDbContext, TSaga>(
    TDbContext db,
    ISagaConsumeContextFactory<TDbContext, TSaga> factory,
    ConsumeTransaction outer,
    IWriteGate gate)
    : ISagaRepositoryContextFactory<TSaga>, ILoadSagaRepositoryContextFactory<TSaga>, IQuerySagaRepositoryContextFactory<TSaga>
    where TDbContext : DbContext
    where TSaga : class, ISaga
{
    public Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<TSaga, T>> next)
        where T : class => InTransactionAsync(context, next.Send);

    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<TSaga> query, IPipe<SagaRepositoryQueryContext<TSaga, T>> next)
        where T : class => InTransactionAsync<T>(context, async repository =>
        {
            var instances = await db.Set<TSaga>().Where(query.FilterExpression).ToListAsync(context.CancellationToken);
            await next.Send(new LoadedSagaRepositoryQueryContext<TSaga, T>(repository, instances));
        });

    public Task<T> Execute<T>(Func<LoadSagaRepositoryContext<TSaga>, Task<T>> asyncMethod, CancellationToken cancellationToken)
        where T : class => asyncMethod(new EfSagaReadContext<TSaga>(db, cancellationToken));

    public Task<T> Execute<T>(Func<QuerySagaRepositoryContext<TSaga>, Task<T>> asyncMethod, CancellationToken cancellationToken)
        where T : class => asyncMethod(new EfSagaReadContext<TSaga>(db, cancellationToken));

    public void Probe(ProbeContext context) => context.Add("persistence", "EF Core");

    private async Task InTransactionAsync<T>(ConsumeContext<T> context, Func<EfSagaRepositoryContext<TDbContext, TSaga, T>, Task> work)
        where T : class
    {
        var repository = new EfSagaRepositoryContext<TDbContext, TSaga, T>(db, context, factory, outer.IsOpen);
        if (outer.IsOpen || db.Database.CurrentTransaction is not null)
        {
            await work(repository);
            return;
        }

        await using var write = new WriteTurn(db, gate);
        await write.BeginAsync(WritePriority.Completion, context.CancellationToken);
        await work(repository);
        await write.CommitAsync(context.CancellationToken);
    }
}

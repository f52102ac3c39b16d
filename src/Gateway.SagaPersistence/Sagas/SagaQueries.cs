using System.Runtime.CompilerServices;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Gateway.SagaPersistence.Sagas;

/// <summary>The load by id, compiled once per model: a compiled query belongs to one model, and a process may have two (two providers).</summary>
internal static class SagaQueries<TSaga>
    where TSaga : class, ISaga
{
    private static readonly ConditionalWeakTable<IModel, Func<DbContext, Guid, CancellationToken, Task<TSaga?>>> Compiled = [];

    /// <summary>Tracked: what the state machine changes is saved.</summary>
    public static Task<TSaga?> LoadAsync(DbContext db, Guid correlationId, CancellationToken cancellationToken) =>
        Compiled.GetValue(db.Model, _ => EF.CompileAsyncQuery((DbContext context, Guid id, CancellationToken token) =>
            context.Set<TSaga>().FirstOrDefault(saga => saga.CorrelationId == id)))(db, correlationId, cancellationToken);
}

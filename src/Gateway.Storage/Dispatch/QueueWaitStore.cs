using Gateway.Contracts;
using Gateway.Contracts.Events;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Lifecycle;
using Gateway.SagaPersistence.Writing;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Storage.Dispatch;

/// <summary>Jobs that have been due for too long. A job that waits for its turn has no place in the queue, and is none of them.</summary>
internal sealed class QueueWaitStore(IServiceScopeFactory scopes, IDbContextFactory<GatewayDb> contexts, IWriteGate gate) : IQueueWaitStore
{
    public async Task<IReadOnlyList<Guid>> TellAsync(DateTimeOffset dueBefore, int most, IReadOnlyCollection<Guid> told, CancellationToken cancellationToken)
    {
        var dueBeforeMs = dueBefore.ToUnixTimeMilliseconds();
        await using (var look = await contexts.CreateDbContextAsync(cancellationToken))
        {
            // Most sweeps find nothing: they must not make a writer wait.
            var due = await Due(look, dueBeforeMs).OrderBy(j => j.DueAtMs).Take(most + told.Count).Select(j => j.CorrelationId).ToListAsync(cancellationToken);
            if (due.TrueForAll(told.Contains))
            {
                return [];
            }
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<GatewayDb>();
        var sender = scope.ServiceProvider.GetRequiredService<ISendEndpointProvider>();
        return await gate.WriteAsync(db, WritePriority.Completion, token => ReportAsync(db, sender, dueBeforeMs, most, told, token), cancellationToken);
    }

    private static IQueryable<Job> Due(GatewayDb db, long dueBeforeMs) => db.Jobs.Where(j => j.CurrentState == nameof(JobLifecycle.Queued) && j.DueAtMs <= dueBeforeMs);

    private static async Task<IReadOnlyList<Guid>> ReportAsync(GatewayDb db, ISendEndpointProvider sender, long dueBeforeMs, int most, IReadOnlyCollection<Guid> told, CancellationToken cancellationToken)
    {
        var lifecycle = await sender.GetSendEndpoint(EndpointNames.Address(EndpointNames.JobLifecycle));
        var due = await Due(db, dueBeforeMs).OrderBy(j => j.DueAtMs).Take(most + told.Count).Select(j => new { j.CorrelationId, j.Attempt }).ToListAsync(cancellationToken);
        var expired = due.Where(job => !told.Contains(job.CorrelationId)).Take(most).ToList();
        foreach (var job in expired)
        {
            await lifecycle.Send(new QueueWaitEnded { JobId = job.CorrelationId, Attempt = job.Attempt + 1 }, cancellationToken);
        }

        return [.. expired.Select(job => job.CorrelationId)];
    }
}

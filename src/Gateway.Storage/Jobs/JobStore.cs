using System.Text.Json;
using Gateway.Contracts.Commands;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Lifecycle;
using Gateway.SagaPersistence.Writing;
using Gateway.Storage.Dispatch;
using Gateway.Storage.Model;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Storage.Jobs;

/// <summary>Stores accepted jobs: row, request, key, first event and command in one commit.</summary>
internal sealed class JobStore(IServiceScopeFactory scopes, IWriteGate gate, StoreRetry retry, TimeProvider clock) : IJobStore
{
    // A caller is told within seconds that nothing was accepted, however many wait at the gate.
    private static readonly TimeSpan LongestInsert = TimeSpan.FromSeconds(10);

    // So far from the ceiling nobody locks: more submits than these are never under way at once.
    private const int Unlocked = 1_000;

    private readonly QueuedGauge queued = new(clock);

    private static readonly PerModel<Func<GatewayDb, Task<int>>> CountQueued =
        new(() => EF.CompileAsyncQuery((GatewayDb db) => db.Jobs.Count(j => j.CurrentState == nameof(JobLifecycle.Queued))));

    public async Task<(InsertOutcome Outcome, Guid JobId)> InsertAsync(NewJob newJob, RunClaudeRequest? command, int maxQueued, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(LongestInsert, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await retry.RunAsync(trial => TryInsertAsync(newJob, command, maxQueued, again: trial > 0, either.Token));
        }
        catch (OperationCanceledException problem) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new StoreUnavailableException("The job could not be stored in time.", problem);
        }
        catch (Exception problem) when (StoreFaults.IsStoreFault(problem))
        {
            throw new StoreUnavailableException("The job could not be stored.", problem);
        }
    }

    private async Task<(InsertOutcome Outcome, Guid JobId)> TryInsertAsync(
        NewJob newJob, RunClaudeRequest? command, int maxQueued, bool again, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<GatewayDb>();
        var id = newJob.Job.CorrelationId;
        if (again && await db.Jobs.AnyAsync(j => j.CorrelationId == id, cancellationToken))
        {
            // The commit of the try before had succeeded; its answer was lost with the session.
            return (InsertOutcome.Inserted, id);
        }

        await PrepareAsync(scope.ServiceProvider, db, newJob, command, cancellationToken);
        return await gate.WriteAsync(db, WritePriority.Submit, token => DecideAsync(db, newJob, maxQueued, token), cancellationToken);
    }

    // All that needs no decision is done before the gate: others wait there.
    private static async Task PrepareAsync(IServiceProvider scope, GatewayDb db, NewJob newJob, RunClaudeRequest? command, CancellationToken cancellationToken)
    {
        var job = newJob.Job;
        db.Jobs.Add(job);
        db.Requests.Add(RowOf(newJob));
        await JobEvents.AppendAsync(db, job.CorrelationId, job.Status(), [JobLedger.RowOf(job, LifecycleEvent.Accepted, job.CreatedAtMs)], isNew: true);
        if (command is not null)
        {
            await scope.GetRequiredService<ISendEndpointProvider>().ReleaseAsync(command, cancellationToken);
        }
    }

    private async Task<(InsertOutcome Outcome, Guid JobId)> DecideAsync(GatewayDb db, NewJob newJob, int maxQueued, CancellationToken cancellationToken)
    {
        var job = newJob.Job;
        if (job.IdempotencyKey is { } key)
        {
            var known = await db.IdempotencyKeys.AsNoTracking().FirstOrDefaultAsync(
                k => k.Tenant == job.Tenant && k.Grant == job.Grant && k.Key == key, cancellationToken);
            if (known is not null)
            {
                db.ChangeTracker.Clear();
                return (known.ArgumentsHash == newJob.ArgumentsHash ? InsertOutcome.SameKey : InsertOutcome.KeyConflict, known.JobId);
            }

            db.IdempotencyKeys.Add(new IdempotencyKeyRow
            {
                Tenant = job.Tenant,
                Grant = job.Grant,
                Key = key,
                JobId = job.CorrelationId,
                ArgumentsHash = newJob.ArgumentsHash,
                ExpiresAtMs = newJob.KeyExpiresAtMs,
            });
        }

        if (await IsFullAsync(db, maxQueued, cancellationToken))
        {
            db.ChangeTracker.Clear();
            return (InsertOutcome.QueueFull, Guid.Empty);
        }

        return (InsertOutcome.Inserted, job.CorrelationId);
    }

    // Submits of other processes are not seen before their commit: near the ceiling they go one at a time.
    private async Task<bool> IsFullAsync(GatewayDb db, int maxQueued, CancellationToken cancellationToken)
    {
        if (queued.IsBelow(maxQueued - Unlocked))
        {
            return false;
        }

        var count = queued.Keep(await CountQueued.For(db)(db));
        if (count < maxQueued - Unlocked || count >= maxQueued)
        {
            return count >= maxQueued;
        }

        await db.Locks.Where(l => l.Name == LockRow.Admission).ExecuteUpdateAsync(set => set.SetProperty(l => l.Taken, l => l.Taken + 1), cancellationToken);
        return await CountQueued.For(db)(db) >= maxQueued;
    }

    private static RequestRow RowOf(NewJob newJob) => new()
    {
        JobId = newJob.Job.CorrelationId,
        Tool = newJob.Request.Tool,
        Prompt = newJob.Request.Prompt,
        ClaudeJson = JsonSerializer.Serialize(newJob.Request.Claude, JobsJson.Default.ClaudeArguments),
        ArgumentsJson = newJob.Request.ArgumentsJson,
        WorkingDirectory = newJob.Request.WorkingDirectory,
        CredentialName = newJob.Request.CredentialName,
        TimeoutMs = (long)newJob.Request.Timeout.TotalMilliseconds,
        IdleTimeoutMs = (long)newJob.Request.IdleTimeout.TotalMilliseconds,
    };
}

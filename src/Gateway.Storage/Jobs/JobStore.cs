using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Commands;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Lifecycle;
using Gateway.SagaPersistence.Writing;
using Gateway.Storage.Model;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Storage.Jobs;

/// <summary>Stores accepted jobs: row, request, key, first event and command in one commit.</summary>
internal sealed class JobStore(IServiceScopeFactory scopes, IWriteGate gate) : IJobStore
{
    private static readonly Func<GatewayDb, Task<int>> CountQueued =
        EF.CompileAsyncQuery((GatewayDb db) => db.Jobs.Count(j => j.CurrentState == nameof(JobLifecycle.Queued)));

    public async Task<(InsertOutcome Outcome, Guid JobId)> InsertAsync(NewJob newJob, RunClaudeRequest command, int maxQueued, CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<GatewayDb>();
            await PrepareAsync(scope.ServiceProvider, db, newJob, command, cancellationToken);
            return await gate.WriteAsync(db, WritePriority.Submit, token => DecideAsync(db, newJob, maxQueued, token), cancellationToken);
        }
        catch (Exception problem) when (StoreFaults.IsStoreFault(problem))
        {
            throw new StoreUnavailableException("The job could not be stored.", problem);
        }
    }

    // All that needs no decision is done before the gate: others wait there.
    private static async Task PrepareAsync(IServiceProvider scope, GatewayDb db, NewJob newJob, RunClaudeRequest command, CancellationToken cancellationToken)
    {
        var job = newJob.Job;
        db.Jobs.Add(job);
        db.Requests.Add(RowOf(newJob));
        await JobEvents.AppendAsync(db, job.CorrelationId, job.Status(), [JobLedger.RowOf(job, LifecycleEvent.Accepted, job.CreatedAtMs)], isNew: true);
        var endpoint = await scope.GetRequiredService<ISendEndpointProvider>().GetSendEndpoint(EndpointNames.Address(EndpointNames.Run(job.Cli, job.Pool)));
        await endpoint.Send(command, cancellationToken);
    }

    private static async Task<(InsertOutcome Outcome, Guid JobId)> DecideAsync(GatewayDb db, NewJob newJob, int maxQueued, CancellationToken cancellationToken)
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

        if (await CountQueued(db) >= maxQueued)
        {
            db.ChangeTracker.Clear();
            return (InsertOutcome.QueueFull, Guid.Empty);
        }

        return (InsertOutcome.Inserted, job.CorrelationId);
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

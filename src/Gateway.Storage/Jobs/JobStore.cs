using System.Text.Json;
using Gateway.Contracts.Commands;
using Gateway.Jobs;
using Gateway.Jobs.Admission;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Leases;
using Gateway.Jobs.Lifecycle;
using Gateway.Jobs.Sessions;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Limits;
using Gateway.SagaPersistence.Writing;
using Gateway.Storage.Approvals;
using Gateway.Storage.Audit;
using Gateway.Storage.Dispatch;
using Gateway.Storage.Limits;
using Gateway.Storage.Model;
using Gateway.Storage.Sessions;
using Gateway.Storage.Turns;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Storage.Jobs;

/// <summary>Stores accepted jobs: row, request, key, first event and command in one commit.</summary>
internal sealed class JobStore(IServiceScopeFactory scopes, IWriteGate gate, StoreRetry retry, StorageProvider provider, IStoreClock time, TimeProvider clock) : IJobStore
{
    // So far from the ceiling nobody locks: more submits than these are never under way at once.
    private const int Unlocked = 1_000;

    private readonly QueuedGauge queued = new(clock);

    private static readonly PerModel<Func<GatewayDb, Task<int>>> CountQueued =
        new(() => EF.CompileAsyncQuery((GatewayDb db) => db.Jobs.Count(
            j => j.CurrentState == nameof(JobLifecycle.Queued) || j.CurrentState == nameof(JobLifecycle.AwaitingApproval) || j.CurrentState == nameof(JobLifecycle.Parked))));

    public async Task<InsertResult> InsertAsync(NewJob newJob, AdmissionTerms terms, RunClaudeRequest? command, int maxQueued, CancellationToken cancellationToken)
    {
        // A caller is told within seconds that nothing was accepted, however many wait at the gate.
        using var limit = new JudgedTime(clock, cancellationToken);
        try
        {
            return await retry.RunAsync(trial => TryInsertAsync(newJob, terms, command, maxQueued, again: trial > 0, limit));
        }
        catch (OperationCanceledException problem) when (limit.IsOver)
        {
            throw new StoreUnavailableException("The job could not be stored in time.", problem);
        }
        catch (Exception problem) when (StoreFaults.IsStoreFault(problem))
        {
            throw new StoreUnavailableException("The job could not be stored.", problem);
        }
    }

    private async Task<InsertResult> TryInsertAsync(NewJob newJob, AdmissionTerms terms, RunClaudeRequest? command, int maxQueued, bool again, JudgedTime limit)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<GatewayDb>();
        // All but one row is added here, and added rows are saved as they are then: nothing has to be compared, in every submit.
        db.ChangeTracker.AutoDetectChangesEnabled = false;
        var id = newJob.Job.CorrelationId;
        if (again && await db.Jobs.AnyAsync(j => j.CorrelationId == id, limit.Token))
        {
            // The commit of the try before had succeeded; its answer was lost with the session. What it counted is counted.
            return new InsertResult(InsertOutcome.Inserted, id);
        }

        await PrepareAsync(scope.ServiceProvider, db, newJob, terms, command, limit.Token);
        return await gate.WriteAsync(
            db,
            WritePriority.Submit,
            token =>
            {
                if (terms.Judgement is not null)
                {
                    limit.Begin();
                }

                return DecideAsync(db, newJob, terms, maxQueued, token);
            },
            result => result.Outcome is InsertOutcome.Inserted or InsertOutcome.SameKey or InsertOutcome.SameContent,
            limit.Token);
    }

    // All that needs no decision is done before the gate: others wait there.
    private static async Task PrepareAsync(IServiceProvider scope, GatewayDb db, NewJob newJob, AdmissionTerms terms, RunClaudeRequest? command, CancellationToken cancellationToken)
    {
        var job = newJob.Job;
        db.Jobs.Add(job);
        db.Requests.Add(RowOf(newJob));
        await JobEvents.AppendAsync(db, job.CorrelationId, job.Status(), LifecycleEvent.FirstOf(job).Select(entry => JobLedger.RowOf(job, entry, job.CreatedAtMs)), isNew: true);
        if (job.ApprovalId is { } approval && terms.Request is { } request)
        {
            ApprovalRows.Open(db, approval, request, job.CorrelationId);
        }

        if (command is not null)
        {
            await scope.GetRequiredService<ISendEndpointProvider>().ReleaseAsync(command, cancellationToken);
        }
    }

    // In this order: behind the gates nobody changes what the rest goes by, and a replay is counted nowhere.
    private async Task<InsertResult> DecideAsync(GatewayDb db, NewJob newJob, AdmissionTerms terms, int maxQueued, CancellationToken cancellationToken)
    {
        var job = newJob.Job;
        await Gates.EnterAsync(db, provider, terms.Judgement, job.Tenant, job.Grant, cancellationToken);
        if (await FindReplayAsync(db, newJob, terms, cancellationToken) is { } replay)
        {
            return replay;
        }

        if (await FindEqualAsync(db, newJob, terms, cancellationToken) is { } equal)
        {
            return equal;
        }

        if (await Repeats.PassAsync(db, terms.Request, time.GetUtcNow(), cancellationToken) is { } unasked)
        {
            return new InsertResult(InsertOutcome.Refused, Guid.Empty, unasked);
        }

        if (terms.Judgement is { } judgement)
        {
            if (await QueuedCaps.FindFullAsync(db, judgement, job, cancellationToken) is { } full)
            {
                return new InsertResult(InsertOutcome.Refused, Guid.Empty, full);
            }
        }

        if (await IsFullAsync(db, maxQueued, cancellationToken))
        {
            return new InsertResult(InsertOutcome.QueueFull, Guid.Empty);
        }

        if (await CountAsync(db, job, terms, cancellationToken) is { } refusal)
        {
            return new InsertResult(InsertOutcome.Refused, Guid.Empty, refusal);
        }

        if (!await Conversations.EnterAsync(db, newJob, cancellationToken))
        {
            return new InsertResult(InsertOutcome.SessionGone, Guid.Empty);
        }

        await TurnLines.EnterAsync(db, job, TurnsOf(newJob), cancellationToken);
        return new InsertResult(InsertOutcome.Inserted, job.CorrelationId);
    }

    private async Task<InsertResult?> FindReplayAsync(GatewayDb db, NewJob newJob, AdmissionTerms terms, CancellationToken cancellationToken)
    {
        var job = newJob.Job;
        if (job.IdempotencyKey is not { } key)
        {
            return null;
        }

        var known = await db.IdempotencyKeys.AsNoTracking().FirstOrDefaultAsync(k => k.Tenant == job.Tenant && k.Grant == job.Grant && k.Key == key, cancellationToken);
        if (known is null)
        {
            db.IdempotencyKeys.Add(new IdempotencyKeyRow
            {
                Tenant = job.Tenant,
                Grant = job.Grant,
                Key = key,
                JobId = job.CorrelationId,
                ArgumentsHash = newJob.ArgumentsHash,
                ExpiresAtMs = newJob.KeyExpiresAtMs,
            });
            return null;
        }

        if (known.ArgumentsHash != newJob.ArgumentsHash)
        {
            return new InsertResult(InsertOutcome.KeyConflict, known.JobId);
        }

        db.ChangeTracker.Clear();
        if (terms.Record is { } record)
        {
            db.Audit.Add(AuditRows.Of(record with { JobId = known.JobId }, time.GetUtcNow()));
        }

        return new InsertResult(InsertOutcome.SameKey, known.JobId);
    }

    // A hit makes no job and asks for no room, but counts as the call that it is.
    private async Task<InsertResult?> FindEqualAsync(GatewayDb db, NewJob newJob, AdmissionTerms terms, CancellationToken cancellationToken)
    {
        if (await EqualCalls.FindAsync(db, newJob, time.GetUtcNow(), cancellationToken) is not { } known)
        {
            return null;
        }

        var key = newJob.Job.IdempotencyKey is null ? null : db.IdempotencyKeys.Local.Single();
        db.ChangeTracker.Clear();
        if (await CountAsync(db, known, EqualCalls.WithoutAmounts(terms), cancellationToken) is { } refusal)
        {
            return new InsertResult(InsertOutcome.Refused, Guid.Empty, refusal);
        }

        await EqualCalls.NameAsync(db, known, key, newJob.Request.CorrelationId, cancellationToken);
        return new InsertResult(InsertOutcome.SameContent, known.CorrelationId);
    }

    private async Task<Refusal?> CountAsync(GatewayDb db, Job job, AdmissionTerms terms, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var counted = terms.Judgement is { Limits.Count: > 0 } judgement
            ? await Counting.CountAsync(judgement, new StoreCounters(db), now, cancellationToken)
            : new CountResult(null, []);
        if (counted.Refusal is null)
        {
            db.Reservations.AddRange(counted.Counted.Where(c => c.Charge.Limit is { IsCost: true, Amount: > 0 }).Select(c => new ReservationRow
            {
                JobId = job.CorrelationId,
                CounterKey = c.Charge.Key,
                AmountMicros = Micros.Of(c.Charge.Limit.Amount),
            }));
        }

        if (counted.Refusal is null && terms.Record is { } record)
        {
            db.Audit.Add(AuditRows.Of(record with
            {
                Decision = job.ApprovalId is null ? record.Decision : AuditDecisions.Held,
                JobId = job.CorrelationId,
                ApprovalId = job.ApprovalId,
                Counters = AuditRows.CountersOf(counted),
            }, now));
        }

        return counted.Refusal;
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

    // Of a conversation that begins nobody knows yet, so its turn is free; but whoever waits for another one takes all of them together.
    private static IReadOnlyList<string> TurnsOf(NewJob newJob) =>
        newJob is { Job.KeepsSession: true, Request.Turns.Count: > 0 } ? [.. newJob.Request.Turns.Append(TurnKeys.OfSession(newJob.Job.SessionId)).Distinct(StringComparer.Ordinal)] : newJob.Request.Turns;

    private static RequestRow RowOf(NewJob newJob) => new()
    {
        JobId = newJob.Job.CorrelationId,
        Tool = newJob.Request.Tool,
        Prompt = newJob.Request.Prompt,
        AgentJson = newJob.Request.Agent.Json,
        ArgumentsJson = newJob.Request.ArgumentsJson,
        WorkingDirectory = newJob.Request.WorkingDirectory,
        ResumesSessionId = newJob.Request.Conversation.Resumes,
        McpServersJson = StoredNames.Json(newJob.Request.McpServers),
        PlacesJson = newJob.Request.Places is { } places ? JsonSerializer.Serialize(places, JobsJson.Default.RunPlaces) : null,
        CredentialName = newJob.Request.CredentialName,
        CallerAsks = newJob.Request.CallerAsks,
        TimeoutMs = (long)newJob.Request.Timeout.TotalMilliseconds,
        IdleTimeoutMs = (long)newJob.Request.IdleTimeout.TotalMilliseconds,
    };
}

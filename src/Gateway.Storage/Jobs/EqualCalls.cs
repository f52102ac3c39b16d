using Gateway.Jobs.Admission;
using Gateway.Jobs.Lifecycle;
using Gateway.Storage.Model;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Jobs;

/// <summary>
/// Finds the job of an equal call, in the transaction that would make another one. Two calls at once cannot both miss: they write
/// the same row, and whoever comes second looks again.
/// </summary>
internal static class EqualCalls
{
    private static readonly PerModel<Func<GatewayDb, string, string, string, Task<EqualCallRow?>>> FindRow = new(() => EF.CompileAsyncQuery(
        (GatewayDb db, string tenant, string grant, string hash) => db.EqualCalls.FirstOrDefault(e => e.Tenant == tenant && e.Grant == grant && e.Hash == hash)));

    /// <summary>The job that the call is given, as it is stored; null when it is to have its own, which equal calls will be given then.</summary>
    public static async Task<Job?> FindAsync(GatewayDb db, NewJob newJob, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (newJob.Equal is not { } equal)
        {
            return null;
        }

        var job = newJob.Job;
        if (await FindRow.For(db)(db, job.Tenant, job.Grant, equal.Hash) is not { } row)
        {
            db.EqualCalls.Add(new EqualCallRow { Tenant = job.Tenant, Grant = job.Grant, Hash = equal.Hash, JobId = job.CorrelationId, ExpiresAtMs = equal.ExpiresAtMs });
            return null;
        }

        if (row.ExpiresAtMs > now.ToUnixTimeMilliseconds() && await FindGoodAsync(db, row.JobId, cancellationToken) is { } known)
        {
            return known;
        }

        row.JobId = job.CorrelationId;
        row.ExpiresAtMs = equal.ExpiresAtMs;
        db.Entry(row).State = EntityState.Modified;
        return null;
    }

    /// <summary>What the call counts when it makes no job: itself, and no budget.</summary>
    public static AdmissionTerms WithoutAmounts(AdmissionTerms terms) => terms.Judgement is { } judgement
        ? terms with { Judgement = judgement with { Limits = [.. judgement.Limits.Select(limit => limit.IsCost ? limit with { Amount = 0 } : limit)] } }
        : terms;

    /// <summary>Keeps what the call was named by: its idempotency key, and its correlation id where the job has another.</summary>
    public static async Task NameAsync(GatewayDb db, Job known, IdempotencyKeyRow? key, string correlationId, CancellationToken cancellationToken)
    {
        if (key is not null)
        {
            db.IdempotencyKeys.Add(new IdempotencyKeyRow
            {
                Tenant = key.Tenant,
                Grant = key.Grant,
                Key = key.Key,
                JobId = known.CorrelationId,
                ArgumentsHash = key.ArgumentsHash,
                ExpiresAtMs = key.ExpiresAtMs,
            });
        }

        var id = known.CorrelationId;
        if (known.RequestCorrelationId != correlationId && !await db.OtherNames.AnyAsync(n => n.JobId == id && n.CorrelationId == correlationId, cancellationToken))
        {
            db.OtherNames.Add(new OtherNameRow { JobId = id, CorrelationId = correlationId });
        }
    }

    // Of a job that failed, was canceled or is about to be nobody wants the answer.
    private static Task<Job?> FindGoodAsync(GatewayDb db, Guid jobId, CancellationToken cancellationToken) => db.Jobs.AsNoTracking().FirstOrDefaultAsync(
        j => j.CorrelationId == jobId && j.Content == JobContent.Kept
            && (j.CurrentState == nameof(JobLifecycle.Queued) || j.CurrentState == nameof(JobLifecycle.Running) || j.CurrentState == nameof(JobLifecycle.Parked) || j.CurrentState == nameof(JobLifecycle.Completed)),
        cancellationToken);
}

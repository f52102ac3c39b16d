using System.Globalization;
using Gateway.Jobs.Lifecycle;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Limits;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage.Limits;

/// <summary>Caps on jobs that wait, counted from the jobs' rows: nothing is left over after a crash.</summary>
internal static class QueuedCaps
{
    /// <summary>Why one more job may not wait; null when it may. Behind the gates of the caps' scopes.</summary>
    /// <param name="db">The context of the transaction.</param>
    /// <param name="judgement">What was judged of the call.</param>
    /// <param name="job">The job that is about to be stored.</param>
    /// <param name="cancellationToken">Ends the counting.</param>
    public static async Task<Refusal?> FindFullAsync(GatewayDb db, Judgement judgement, Job job, CancellationToken cancellationToken)
    {
        foreach (var cap in judgement.Caps.Where(cap => cap.Kind == JobCapKind.Queued))
        {
            if (await CountAsync(db, cap, job.Tenant, job.Grant, cancellationToken) >= cap.Max)
            {
                return Refuse(judgement, cap);
            }
        }

        return null;
    }

    /// <summary>The same of caps that were counted already.</summary>
    public static Refusal? FullOf(Judgement judgement, IEnumerable<(JobCap Cap, int Jobs)> waiting) =>
        waiting.Where(one => one.Jobs >= one.Cap.Max).Select(one => Refuse(judgement, one.Cap)).FirstOrDefault();

    /// <summary>Jobs that wait and that a cap of kind <c>queued</c> counts.</summary>
    public static Task<int> CountAsync(GatewayDb db, JobCap cap, string tenant, string grant, CancellationToken cancellationToken) =>
        Waiting(db.Jobs.InScope(cap, tenant, grant)).CountAsync(cancellationToken);

    /// <summary>The open jobs that a cap counts for a job of this caller. A job keeps no session: one of that scope counts the grant's.</summary>
    public static IQueryable<Job> InScope(this IQueryable<Job> jobs, JobCap cap, string tenant, string grant)
    {
        jobs = jobs.Where(j => j.FinishedAtMs == null);
        jobs = cap.Scope switch
        {
            LimitScope.Global => jobs,
            LimitScope.Tenant => jobs.Where(j => j.Tenant == tenant),
            _ => jobs.Where(j => j.Tenant == tenant && j.Grant == grant),
        };
        return cap.Tool is { } tool ? jobs.Where(j => j.Tool == tool) : jobs;
    }

    private static Refusal Refuse(Judgement judgement, JobCap cap) => new()
    {
        Kind = RefusalKinds.QueueFull,
        Rule = cap.Rule,
        Reason = string.Create(CultureInfo.InvariantCulture, $"limit of waiting jobs ({cap.Max}) reached"),
        PolicyHash = judgement.PolicyHash,
        Limit = cap.Max,
        Remaining = cap.Scope == LimitScope.Global ? null : 0,
    };

    // Whatever an open job waits for: a person, a worker, its next attempt, a provider.
    private static IQueryable<Job> Waiting(IQueryable<Job> open) => open.Where(
        j => j.ReleasedAtMs == null && j.CurrentState != nameof(JobLifecycle.Running) && j.CurrentState != nameof(JobLifecycle.Canceling));
}

using Gateway.Jobs.Approvals;
using Gateway.Jobs.Reading;
using Gateway.Policies.Evaluation;

namespace Gateway.Jobs.Admission;

/// <summary>What became of a submit.</summary>
public abstract record SubmitOutcome
{
    private SubmitOutcome()
    {
    }

    /// <summary>The job is committed, or existed already (<see cref="JobView.Deduped"/>).</summary>
    /// <param name="Job">The job.</param>
    /// <param name="Approval">What it waits for, when a person has to agree.</param>
    public sealed record Accepted(JobView Job, PendingApproval? Approval = null) : SubmitOutcome;

    /// <summary>The idempotency key belongs to a job with other arguments. Nothing was stored.</summary>
    /// <param name="JobId">That job.</param>
    public sealed record KeyConflict(Guid JobId) : SubmitOutcome;

    /// <summary>The server holds as many waiting jobs as it may. Nothing was stored.</summary>
    /// <param name="Limit">The ceiling.</param>
    public sealed record QueueFull(int Limit) : SubmitOutcome;

    /// <summary>The session that it was to go on with is not there, or not the caller's. Nothing was stored.</summary>
    /// <param name="SessionId">The session that was asked for.</param>
    public sealed record SessionGone(Guid SessionId) : SubmitOutcome;

    /// <summary>The caller's policy lets it through not now, or never. Nothing was stored but the audit record.</summary>
    /// <param name="Why">What the caller is told.</param>
    public sealed record Refused(Refusal Why) : SubmitOutcome;
}

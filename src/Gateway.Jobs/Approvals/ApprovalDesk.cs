using Gateway.Contracts.Events;
using Gateway.Jobs.Reading;
using Gateway.Policies.Approvals;
using Gateway.Policies.Evaluation;

namespace Gateway.Jobs.Approvals;

/// <summary>Where people read what they are asked, and decide. Consent under a rule that is not in force any more is none.</summary>
public sealed class ApprovalDesk(IApprovalStore store, IPolicyInForce policies, JobReader reader)
{
    // The job moves by a message: its view after it is worth a moment, and no more.
    private static readonly TimeSpan JobMoves = TimeSpan.FromSeconds(2);

    /// <summary>A request; null for an unknown one and for another tenant's.</summary>
    /// <param name="tenant">The tenant; null, for operators alone, for any.</param>
    /// <param name="approvalId">Its id.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<ApprovalRecord?> FindAsync(string? tenant, Guid approvalId, CancellationToken cancellationToken) => store.FindAsync(tenant, approvalId, cancellationToken);

    /// <summary>A page of requests, newest first.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The page, and where the next one begins; null at the end.</returns>
    public async Task<(IReadOnlyList<ApprovalRecord> Page, JobCursor? Next)> ListAsync(ApprovalFilter filter, CancellationToken cancellationToken)
    {
        var records = await store.ListAsync(filter, cancellationToken);
        var page = records.Take(filter.Limit).ToList();
        return (page, records.Count > page.Count ? new JobCursor(page[^1].CreatedAt.ToUnixTimeMilliseconds(), page[^1].Id) : null);
    }

    /// <summary>Decides a request.</summary>
    /// <param name="decider">Who decides.</param>
    /// <param name="approvalId">The request.</param>
    /// <param name="approve">Yes or no.</param>
    /// <param name="comment">What that person says, at most 500 characters; after a no the caller reads it.</param>
    /// <param name="cancellationToken">Ends the waiting; the decision may count all the same.</param>
    public async Task<DecisionOutcome> DecideAsync(Decider decider, Guid approvalId, bool approve, string? comment, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(decider.Caller?.Tenant, approvalId, cancellationToken) is not { } record)
        {
            return new DecisionOutcome.Unknown();
        }

        if (decider.Caller == record.Caller)
        {
            return new DecisionOutcome.Own();
        }

        if (record.Status != ApprovalStatus.Pending)
        {
            return new DecisionOutcome.Closed(record);
        }

        // A no needs no rule: whatever is in force by now, a person does not want it.
        if ((approve ? await ConsentAsync(record, cancellationToken) : new ApprovalClosing.Reject()) is not { } closing)
        {
            return new DecisionOutcome.Unavailable();
        }

        var person = closing is ApprovalClosing.Approve or ApprovalClosing.Reject;
        closing = person ? closing with { By = decider.Name, Comment = comment } : closing;
        var before = await FindJobAsync(record, cancellationToken);
        return await store.CloseAsync(approvalId, closing, cancellationToken) switch
        {
            null => new DecisionOutcome.Unknown(),
            { Closed: true } closed when person => new DecisionOutcome.Decided(closed.Record, await MovedAsync(before, record, cancellationToken)),
            { } other => new DecisionOutcome.Closed(other.Record),
        };
    }

    // Null when the policy of the day cannot be applied: then nothing is decided.
    private async Task<ApprovalClosing?> ConsentAsync(ApprovalRecord record, CancellationToken cancellationToken)
    {
        var grant = new StoredGrant(record.GrantLabel, record.Caller.Tenant, record.Caller.Grant);
        if (policies.IsInForce(grant, record.PolicyHash))
        {
            return new ApprovalClosing.Approve();
        }

        if (record.JobId is not { } jobId)
        {
            return policies.IsRuleInForce(grant, record.Tool, record.RuleHash)
                ? new ApprovalClosing.Approve()
                : new ApprovalClosing.Drop { Comment = "The rule has changed; the call is asked about anew when it is made again." };
        }

        var call = await store.FindCallAsync(jobId, cancellationToken) ?? throw new InvalidOperationException("A job that waits has its call.");
        var judgement = policies.JudgeAgain(call);
        return judgement switch
        {
            null => new ApprovalClosing.Refuse(PolicyFailures.NoPolicy) { Comment = "The caller's grant has no policy any more." },
            { Refusal.Kind: RefusalKinds.PolicyUnavailable } => null,
            { Refusal: { } refusal } => new ApprovalClosing.Refuse(refusal.ToFailure()) { Comment = "The rule has changed and refuses the call." },
            _ when judgement.RuleHash == record.RuleHash => new ApprovalClosing.Approve(),
            { Approval: { } terms } => new ApprovalClosing.Replace(Voided(jobId, record.Id, judgement, terms)) { Comment = "The rule has changed; a new request has taken its place." },
            _ => new ApprovalClosing.Release(judgement.RuleHash) { Comment = "The rule has changed and asks nobody; the job was queued." },
        };
    }

    internal static ApprovalVoided Voided(Guid jobId, Guid approvalId, Judgement judgement, ApprovalTerms terms) => new()
    {
        JobId = jobId,
        ApprovalId = approvalId,
        Timeout = terms.Timeout,
        Reason = terms.Reason,
        Rule = terms.Rule,
        Policy = judgement.Policy,
        PolicyHash = judgement.PolicyHash,
        RuleHash = judgement.RuleHash,
    };

    private async Task<JobView?> FindJobAsync(ApprovalRecord record, CancellationToken cancellationToken) =>
        record.JobId is { } jobId ? await reader.FindAsync(record.Caller, jobId, new ProgressQuery(0, 0), cancellationToken) : null;

    private async Task<JobView?> MovedAsync(JobView? before, ApprovalRecord record, CancellationToken cancellationToken) => before is null || record.JobId is not { } jobId
        ? null
        : await reader.WaitAsync(record.Caller, jobId, new ProgressQuery(before.Progress?.HighWaterSeq ?? 0, 0), untilFinal: false, JobMoves, cancellationToken);
}

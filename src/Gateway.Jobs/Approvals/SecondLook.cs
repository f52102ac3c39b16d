using Gateway.Contracts.Events;
using Gateway.Contracts.Values;
using Gateway.Jobs.Audit;
using Gateway.Jobs.Dispatch;
using Gateway.Jobs.Leases;
using Gateway.Policies.Evaluation;

namespace Gateway.Jobs.Approvals;

/// <summary>
/// Judges the calls of jobs that have waited again, when they are to be released: under the policy of that moment, without
/// counting. Costs a look at two hashes as long as the policy has not changed.
/// </summary>
public sealed class SecondLook(IPolicyInForce policies, IStoreClock time)
{
    /// <summary>The jobs with what was found about them; those that cannot be judged now are left out and come again.</summary>
    /// <param name="jobs">Jobs about to be released.</param>
    /// <param name="readCalls">Reads the calls of those that have to be judged.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<WaitingJob>> LookAsync(
        IReadOnlyList<WaitingJob> jobs, Func<IReadOnlyList<Guid>, CancellationToken, Task<IReadOnlyDictionary<Guid, JudgedCall>>> readCalls, CancellationToken cancellationToken)
    {
        var changed = jobs.Where(job => job.PolicyHash is { } hash && !policies.IsInForce(job.Grant, hash)).Select(job => job.JobId).ToList();
        if (changed.Count == 0)
        {
            return jobs;
        }

        var calls = await readCalls(changed, cancellationToken);
        List<WaitingJob> looked = [];
        foreach (var job in jobs)
        {
            if (!changed.Contains(job.JobId))
            {
                looked.Add(job);
            }
            else if (calls.TryGetValue(job.JobId, out var call) && TryJudge(job, call, out var finding))
            {
                looked.Add(job with { Finding = finding });
            }
        }

        return looked;
    }

    // Of what is asked only a consent is looked at again: whoever was let in without a person stays let in without one.
    private bool TryJudge(WaitingJob job, JudgedCall stored, out ReleaseFinding? finding)
    {
        var judgement = policies.JudgeAgain(stored.Call);
        finding = judgement switch
        {
            null => Refused(job, stored, PolicyFailures.NoPolicy, null),
            { Refusal: { } refusal } => Refused(job, stored, refusal.ToFailure(), judgement),
            { Approval: { } terms } when stored.Consent is { } consent && consent.RuleHash != judgement.RuleHash =>
                new ReleaseFinding.AsksAnew(ApprovalDesk.Voided(job.JobId, consent.ApprovalId, judgement, terms))
                {
                    Record = RecordOf(job, stored, AuditDecisions.Held, judgement) with { Rule = terms.Rule, Reason = terms.Reason, ApprovalId = consent.ApprovalId },
                },
            _ => null,
        };
        return judgement?.Refusal?.Kind != RefusalKinds.PolicyUnavailable;
    }

    private ReleaseFinding.Refused Refused(WaitingJob job, JudgedCall stored, PolicyFailure failure, Judgement? judgement) =>
        new(new ReleaseRefused { JobId = job.JobId, Attempt = job.Command.Attempt, Failure = failure })
        {
            Record = RecordOf(job, stored, AuditDecisions.Denied, judgement) with { Kind = failure.Kind, Rule = failure.Rule, Reason = failure.Reason },
        };

    private AuditRecord RecordOf(WaitingJob job, JudgedCall stored, string decision, Judgement? judgement) => new()
    {
        At = time.GetUtcNow(),
        Tenant = job.Grant.Tenant,
        Grant = job.Grant.Label,
        Caller = job.Grant.Value,
        Method = "job/release",
        Tool = stored.Call.Tool,
        Decision = decision,
        Policy = judgement?.Policy,
        PolicyHash = judgement?.PolicyHash,
        JobId = job.JobId,
        SecondLook = true,
    };
}

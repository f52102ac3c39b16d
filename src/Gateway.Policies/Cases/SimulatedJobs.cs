using Gateway.Policies.Evaluation;
using Gateway.Policies.Limits;
using static Gateway.Policies.Cases.SimulatedApproval;

namespace Gateway.Policies.Cases;

/// <summary>What becomes of jobs that wait: people decide, requests expire, and who has room starts after a second look.</summary>
internal sealed class SimulatedJobs(SimulatedStore store, SimulatedAudit audit, Func<PolicyCall, PolicyCall?> renew)
{
    /// <summary>Ends what has expired, then starts what has room, in order of acceptance.</summary>
    public void Move()
    {
        foreach (var approval in store.Approvals.Where(a => a.State is ApprovalState.Pending or ApprovalState.Approved && a.ExpiresAt <= store.Now).ToList())
        {
            Expire(approval);
        }

        foreach (var job in store.Jobs.Where(j => j.State == "queued").ToList())
        {
            Start(job, hasWaited: true);
        }
    }

    /// <summary>A new job: waits for a person, or starts when there is room.</summary>
    public void Accept(SimulatedJob job)
    {
        store.Jobs.Add(job);
        if (job.Approval is null)
        {
            job.States.Add("queued");
            Start(job, hasWaited: false);
        }
        else
        {
            job.States.Add("awaiting_approval");
        }
    }

    /// <summary>A person decides. One decision counts, and none after the expiry or under another rule.</summary>
    public bool Decide(SimulatedApproval approval, CaseIdentity by, bool approves, string? comment)
    {
        if (!by.MayDecide || by.Tenant != approval.Call.Grant.Tenant || by.Name == approval.Call.Grant.Label || approval.State != ApprovalState.Pending)
        {
            return false;
        }

        if (Judge(approval.Call) is var (call, judgement) && judgement.RuleHash != approval.RuleHash)
        {
            approval.State = ApprovalState.Void;
            if (approval.Job is { } waiting)
            {
                JudgeAnew(waiting, call, judgement);
                Move();
            }

            return false;
        }

        (approval.State, approval.Comment) = (approves ? ApprovalState.Approved : ApprovalState.Rejected, comment ?? (approves ? "" : "a person said no"));
        audit.Add("approval/decided", approves ? "allowed" : "denied", approval, by.Name);
        if (approval.Job is { } job)
        {
            if (approves)
            {
                job.States.Add("queued");
                Move();
            }
            else
            {
                End(job, RefusalKinds.ApprovalRejected, approval.Rule, approval.Comment);
            }
        }

        return true;
    }

    /// <summary>Puts a request to a person.</summary>
    public SimulatedApproval Ask(PolicyCall call, Judgement judgement, SimulatedJob? job, string callKey)
    {
        var terms = judgement.Approval ?? throw new InvalidOperationException("Nobody is to be asked about this call.");
        var approval = new SimulatedApproval(call, callKey, judgement.RuleHash, terms.Rule, store.Now + terms.Timeout) { Job = job };
        store.Approvals.Add(approval);
        audit.Add("approval/requested", "held", approval);
        return approval;
    }

    private void Expire(SimulatedApproval approval)
    {
        var isPending = approval.State == ApprovalState.Pending;
        // A job that has its consent waits for a worker, and no longer for a person.
        if (!isPending && approval.Job is not null)
        {
            return;
        }

        approval.State = ApprovalState.Expired;
        audit.Add("approval/expired", "denied", approval);
        if (approval.Job is { IsFinal: false } job)
        {
            End(job, RefusalKinds.ApprovalExpired, approval.Rule, "nobody decided in time");
        }
    }

    private void Start(SimulatedJob job, bool hasWaited)
    {
        if (hasWaited && !PassesSecondLook(job))
        {
            return;
        }

        if (job.Judgement.Caps.Any(cap => cap.Kind == JobCapKind.Running && store.Jobs.Count(j => j.IsRunning && j.IsCountedBy(cap, job.Call)) >= cap.Max))
        {
            return;
        }

        if (job.StartFails)
        {
            End(job, "cli_missing", null, "the program could not be started");
            return;
        }

        job.IsStarted = true;
        job.States.Add("running");
    }

    private bool PassesSecondLook(SimulatedJob job)
    {
        var (call, judgement) = Judge(job.Call);
        if (judgement.Refusal is { } refusal)
        {
            End(job, refusal.Kind, refusal.Rule, refusal.Reason);
            return false;
        }

        if (job.Approval is { State: ApprovalState.Approved } approval && approval.RuleHash != judgement.RuleHash)
        {
            approval.State = ApprovalState.Void;
            return JudgeAnew(job, call, judgement);
        }

        job.Judgement = judgement;
        return true;
    }

    // Refused, asked anew, or queued because nothing is asked any more.
    private bool JudgeAnew(SimulatedJob job, PolicyCall call, Judgement judgement)
    {
        job.Judgement = judgement;
        if (judgement.Refusal is { } refusal)
        {
            End(job, refusal.Kind, refusal.Rule, refusal.Reason);
            return false;
        }

        job.Approval = judgement.Approval is null ? null : Ask(call, judgement, job, "");
        var state = job.Approval is null ? "queued" : "awaiting_approval";
        if (job.State != state)
        {
            job.States.Add(state);
        }

        return job.Approval is null;
    }

    // A grant that is gone refuses as one without a policy.
    private (PolicyCall Call, Judgement Judgement) Judge(PolicyCall call)
    {
        var now = renew(call) ?? call with { Grant = call.Grant with { Policy = null } };
        return (now, PolicyEngine.Judge(now));
    }

    // A job without any process cost nothing.
    private void End(SimulatedJob job, string kind, string? rule, string reason)
    {
        job.Fail(kind, rule, reason);
        store.Correct(job, 0);
    }
}

using System.Globalization;
using System.Text.Json;
using Gateway.Policies.Approvals;
using Gateway.Policies.Documents;
using Gateway.Policies.Evaluation;
using Gateway.Policies.Grants;
using Gateway.Policies.Limits;
using static Gateway.Policies.Cases.SimulatedApproval;

namespace Gateway.Policies.Cases;

/// <summary>The steps 2 to 13 of POLICY.md section 5, in one transaction of the throw-away store.</summary>
internal sealed class SimulatedAdmission(SimulatedStore store, SimulatedJobs jobs, SimulatedAudit audit, ToolCatalog catalog)
{
    private const int MostOpenRequests = 20;
    private const string IdempotencyKey = "idempotencyKey";

    public async Task<SimulatedCall> AdmitAsync(CaseStep step, PolicyGrant? grant, CancellationToken cancellationToken)
    {
        if (catalog.Find(step.Tool ?? "") is not { } tool || step.Arguments.ValueKind != JsonValueKind.Object)
        {
            return new SimulatedCall(new StepAnswer { IsAllowed = false, Kind = "invalid_params", Text = $"Unknown tool, or arguments that are no object: {step.Tool}." });
        }

        if (PolicyEngine.JudgeTool(grant, tool.Name) is { } closed)
        {
            return Refuse(step, grant, closed, null);
        }

        if (grant is null)
        {
            return Refuse(step, grant, PolicyEngine.Unavailable(null), null);
        }

        if (step.Arguments.EnumerateObject().Select(m => m.Name).FirstOrDefault(name => !tool.Arguments.Contains(name)) is { } unknown)
        {
            return Refuse(step, grant, new Refusal { Kind = "invalid_input", Rule = "", Reason = $"{tool.Name} has no argument {unknown}" }, null);
        }

        var call = new PolicyCall(grant, tool.Name, PresentedArguments.Of(step.Arguments, null), step.Session);
        var judgement = PolicyEngine.Judge(call);
        if (judgement.Refusal is { } refusal)
        {
            return Refuse(step, grant, refusal, null);
        }

        if (tool.IsStarter && Replay(step, call) is { } replayed)
        {
            return replayed;
        }

        return judgement.Approval is { Mode: ApprovalMode.Repeat }
            ? await AskAsync(step, call, judgement, tool, cancellationToken).ConfigureAwait(false)
            : await CountAsync(step, call, judgement, tool, null, cancellationToken).ConfigureAwait(false);
    }

    // The same key and arguments are given the first job, and not counted again.
    private SimulatedCall? Replay(CaseStep step, PolicyCall call)
    {
        if (!step.Arguments.TryGetProperty(IdempotencyKey, out var key) || key.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        var first = store.Jobs.Find(j => j.Call.Grant.Tenant == call.Grant.Tenant && j.Call.Grant.Value == call.Grant.Value && j.Call.Arguments.TryGetProperty(IdempotencyKey, out var other) && other.ValueEquals(key.GetString()));
        return first switch
        {
            null => null,
            _ when first.Call.Tool == call.Tool && CanonicalJson.Of(first.Call.Arguments) == CanonicalJson.Of(call.Arguments) => Accepted(first, "Given the existing job."),
            _ => Refuse(step, call.Grant, new Refusal { Kind = "conflict", Rule = "", Reason = "the idempotency key was used with other arguments" }, null),
        };
    }

    private async Task<SimulatedCall> AskAsync(CaseStep step, PolicyCall call, Judgement judgement, ToolFacts tool, CancellationToken cancellationToken)
    {
        var same = string.Join('\n', call.Grant.Tenant, call.Grant.Label, call.Grant.Value, call.Tool, CanonicalJson.Of(step.Arguments), judgement.RuleHash);
        var known = store.Approvals.FindLast(a => a.CallKey == same && a.ExpiresAt > store.Now);
        switch (known)
        {
            case { State: ApprovalState.Approved }:
                return await CountAsync(step, call, judgement, tool, known, cancellationToken).ConfigureAwait(false);
            case { State: ApprovalState.Rejected }:
                return Refuse(step, call.Grant, RefusalOf(judgement, RefusalKinds.ApprovalRejected, known.Comment) with { ApprovalId = known.Id }, known);
            case { State: ApprovalState.Pending }:
                return Refuse(step, call.Grant, Waits(judgement, known), known);
            default:
                break;
        }

        if (store.Approvals.Count(a => a is { State: ApprovalState.Pending, Job: null } && a.ExpiresAt > store.Now && a.Call.Grant.Value == call.Grant.Value && a.Call.Grant.Tenant == call.Grant.Tenant) >= MostOpenRequests)
        {
            return Refuse(step, call.Grant, RefusalOf(judgement, RefusalKinds.QueueFull, $"{MostOpenRequests} requests of this grant wait for a decision") with { Limit = MostOpenRequests, Remaining = 0 }, null);
        }

        var asked = jobs.Ask(call, judgement, null, same);
        return Refuse(step, call.Grant, Waits(judgement, asked), asked);
    }

    private async Task<SimulatedCall> CountAsync(CaseStep step, PolicyCall call, Judgement judgement, ToolFacts tool, SimulatedApproval? consent, CancellationToken cancellationToken)
    {
        foreach (var cap in tool.IsStarter ? judgement.Caps.Where(c => c.Kind == JobCapKind.Queued) : [])
        {
            var waiting = store.Jobs.Count(j => j.IsQueued && j.IsCountedBy(cap, call));
            if (waiting >= cap.Max)
            {
                return Refuse(step, call.Grant, Full(judgement, cap, waiting), null);
            }
        }

        var transaction = store.Begin();
        var count = await Counting.CountAsync(judgement, transaction, store.Now, cancellationToken).ConfigureAwait(false);
        if (count.Refusal is { } refusal)
        {
            return Refuse(step, call.Grant, refusal, null);
        }

        if (step.EnqueueFails)
        {
            // Rolled back: neither counted nor is the consent used up.
            return Refuse(step, call.Grant, PolicyEngine.Unavailable(judgement.PolicyHash), null);
        }

        transaction.Commit();
        if (consent is not null)
        {
            consent.State = ApprovalState.Used;
        }

        return tool.IsStarter ? Start(step, call, judgement, count) : Pass(step, call, judgement, count);
    }

    private SimulatedCall Start(CaseStep step, PolicyCall call, Judgement judgement, CountResult count)
    {
        var job = new SimulatedJob(call, judgement, step.StartFails) { Reservations = [.. count.Counted.Select(c => c.Charge).Where(c => c.Limit.IsCost)] };
        job.Approval = judgement.Approval is { Mode: ApprovalMode.Job } ? jobs.Ask(call, judgement, job, "") : null;
        jobs.Accept(job);
        audit.Add(job.Approval is null ? "allowed" : "held", call.Grant, call.Tool, step.Arguments, step.Session, null, judgement, count.Counted, job.Approval);
        return Accepted(job, job.Approval is null ? "Accepted." : $"Accepted; waits for a person: {judgement.Approval?.Reason}.");
    }

    private SimulatedCall Pass(CaseStep step, PolicyCall call, Judgement judgement, CountResult count)
    {
        if (audit.HoldsAllowed(call.Tool))
        {
            audit.Add("allowed", call.Grant, call.Tool, step.Arguments, step.Session, null, judgement, count.Counted, null);
        }

        return new SimulatedCall(new StepAnswer { IsAllowed = true, Text = "Let through." });
    }

    private static SimulatedCall Accepted(SimulatedJob job, string text) =>
        new(new StepAnswer { IsAllowed = true, Text = text, JobStates = [.. job.States], IsStarted = job.IsStarted, ApprovalId = job.Approval?.Id.ToString("N") }, job, job.Approval);

    private SimulatedCall Refuse(CaseStep step, PolicyGrant? grant, Refusal refusal, SimulatedApproval? approval)
    {
        audit.Add("denied", grant, step.Tool ?? "", step.Arguments, step.Session, refusal, null, [], approval);
        return new SimulatedCall(StepAnswer.Of(refusal), null, approval);
    }

    private static Refusal Full(Judgement judgement, JobCap cap, int waiting) => new()
    {
        Kind = RefusalKinds.QueueFull,
        Rule = cap.Rule,
        Reason = string.Create(CultureInfo.InvariantCulture, $"limit {cap.Rule[(cap.Rule.LastIndexOf('/') + 1)..]} ({cap.Max}) reached"),
        PolicyHash = judgement.PolicyHash,
        Limit = cap.Max,
        Remaining = cap.Scope == LimitScope.Global ? null : Math.Max(0, cap.Max - waiting),
    };

    private static Refusal Waits(Judgement judgement, SimulatedApproval approval) =>
        RefusalOf(judgement, RefusalKinds.ApprovalRequired, judgement.Approval?.Reason ?? "") with { ApprovalId = approval.Id, ApprovalExpiresAt = approval.ExpiresAt };

    private static Refusal RefusalOf(Judgement judgement, string kind, string reason) =>
        new() { Kind = kind, Rule = judgement.Approval?.Rule ?? "", Reason = reason, PolicyHash = judgement.PolicyHash };
}

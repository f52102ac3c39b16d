using Gateway.Policies.Evaluation;
using Gateway.Policies.Limits;

namespace Gateway.Policies.Cases;

/// <summary>A job of the throw-away store.</summary>
internal sealed class SimulatedJob(PolicyCall call, Judgement judgement, bool startFails)
{
    public PolicyCall Call { get; } = call;

    /// <summary>What the policy says of it, as it was judged last.</summary>
    public Judgement Judgement { get; set; } = judgement;

    public bool StartFails { get; } = startFails;

    /// <summary>Every state that it was in, the newest last.</summary>
    public List<string> States { get; } = [];

    public string State => States[^1];

    public bool IsStarted { get; set; }

    public SimulatedApproval? Approval { get; set; }

    public string? FailureKind { get; private set; }

    public string? FailureRule { get; private set; }

    public string? FailureReason { get; private set; }

    /// <summary>What it has reserved in counters of cost.</summary>
    public IReadOnlyList<Charge> Reservations { get; set; } = [];

    public bool IsFinal => State is "completed" or "failed" or "canceled";

    public bool IsRunning => State == "running";

    /// <summary>Waits: for a person, or for a worker.</summary>
    public bool IsQueued => !IsFinal && !IsRunning;

    public void Fail(string kind, string? rule, string? reason)
    {
        (FailureKind, FailureRule, FailureReason) = (kind, rule, reason);
        States.Add("failed");
    }

    /// <summary>Whether a cap counts it for a call of this caller.</summary>
    public bool IsCountedBy(JobCap cap, PolicyCall of) =>
        (cap.Tool is null || cap.Tool == Call.Tool) && cap.Scope switch
        {
            LimitScope.Global => true,
            LimitScope.Tenant => Call.Grant.Tenant == of.Grant.Tenant,
            LimitScope.Grant => Call.Grant.Value == of.Grant.Value,
            _ => Call.Grant.Value == of.Grant.Value && Call.Session == of.Session,
        };
}

using Gateway.Contracts.Values;
using Gateway.Policies.Evaluation;

namespace Gateway.Jobs.Approvals;

/// <summary>Refusals as the failures of jobs that they end.</summary>
internal static class PolicyFailures
{
    /// <summary>The grant is gone, or has no policy any more.</summary>
    public static PolicyFailure NoPolicy { get; } = new() { Kind = FailureKinds.PolicyDenied, Rule = "(no policy)", Reason = "no policy is bound to this grant" };

    /// <summary>The same as a failure.</summary>
    public static PolicyFailure ToFailure(this Refusal refusal) => new() { Kind = refusal.Kind, Rule = refusal.Rule, Reason = refusal.Reason, PolicyHash = refusal.PolicyHash };
}

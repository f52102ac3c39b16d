using Gateway.Policies.Evaluation;

namespace Gateway.Jobs.Approvals;

/// <summary>
/// The policies of the moment, for calls that were judged earlier. Does not throw: what cannot be judged is refused with
/// <see cref="RefusalKinds.PolicyUnavailable"/>, and looked at again later.
/// </summary>
public interface IPolicyInForce
{
    /// <summary>Whether the policy of this hash is still the one of the grant: then nothing has to be judged again. Asked for every job that is released.</summary>
    /// <param name="grant">The grant.</param>
    /// <param name="policyHash">Hash of the policy that judged.</param>
    bool IsInForce(StoredGrant grant, string policyHash);

    /// <summary>Whether the tool's rule is still the one of this hash.</summary>
    /// <param name="grant">The grant.</param>
    /// <param name="tool">The tool.</param>
    /// <param name="ruleHash">Hash of the rule that judged.</param>
    bool IsRuleInForce(StoredGrant grant, string tool, string ruleHash);

    /// <summary>Judges a call again, without counting; null when no policy is bound to the grant any more, or the grant is gone.</summary>
    /// <param name="call">The call.</param>
    Judgement? JudgeAgain(StoredCall call);
}

using Gateway.Policies.Evaluation;

namespace Gateway.Jobs.Approvals;

/// <summary>Where no policies are kept: what was judged stays judged.</summary>
internal sealed class NoPolicies : IPolicyInForce
{
    /// <inheritdoc />
    public bool IsInForce(StoredGrant grant, string policyHash) => true;

    /// <inheritdoc />
    public bool IsRuleInForce(StoredGrant grant, string tool, string ruleHash) => true;

    /// <inheritdoc />
    public Judgement? JudgeAgain(StoredCall call) => null;
}

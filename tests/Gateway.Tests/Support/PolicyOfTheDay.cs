using Gateway.Jobs.Approvals;
using Gateway.Policies.Evaluation;

namespace Gateway.Tests.Support;

/// <summary>Policies that a test changes while jobs wait.</summary>
internal sealed class PolicyOfTheDay : IPolicyInForce
{
    /// <summary>Hash of the policy and of the rule of every tool.</summary>
    public string Hash { get; set; } = "h";

    /// <summary>What is said of every call that is judged again; null when the grant is gone.</summary>
    public Judgement? Says { get; set; }

    /// <summary>The calls that were judged again.</summary>
    public List<StoredCall> Judged { get; } = [];

    public bool IsInForce(StoredGrant grant, string policyHash) => policyHash == Hash;

    public bool IsRuleInForce(StoredGrant grant, string tool, string ruleHash) => ruleHash == Hash;

    public Judgement? JudgeAgain(StoredCall call)
    {
        lock (Judged)
        {
            Judged.Add(call);
        }

        return Says;
    }
}

using Gateway.Policies.Evaluation;

namespace Gateway.Policies.Cases;

/// <summary>A request to a person in the throw-away store.</summary>
internal sealed class SimulatedApproval(PolicyCall call, string callKey, string ruleHash, string rule, DateTimeOffset expiresAt)
{
    public Guid Id { get; } = Guid.NewGuid();

    public PolicyCall Call { get; } = call;

    /// <summary>What makes two calls the same.</summary>
    public string CallKey { get; } = callKey;

    public string RuleHash { get; } = ruleHash;

    public string Rule { get; } = rule;

    public DateTimeOffset ExpiresAt { get; } = expiresAt;

    public ApprovalState State { get; set; }

    public string Comment { get; set; } = "";

    /// <summary>The job that waits; null in repeat mode.</summary>
    public SimulatedJob? Job { get; init; }

    internal enum ApprovalState
    {
        Pending,
        Approved,
        Rejected,
        Expired,
        Void,
        Used,
    }
}

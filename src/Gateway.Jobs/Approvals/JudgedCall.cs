namespace Gateway.Jobs.Approvals;

/// <summary>The call of a job that waits, with the consent that it has.</summary>
/// <param name="Call">The call.</param>
/// <param name="Consent">The request that a person agreed to, and the hash of the rule that it was asked under; null when nobody was asked.</param>
public sealed record JudgedCall(StoredCall Call, (Guid ApprovalId, string RuleHash)? Consent);

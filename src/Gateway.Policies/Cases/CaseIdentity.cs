namespace Gateway.Policies.Cases;

/// <summary>Who appears in a case: the only caller of a grant of that label.</summary>
/// <param name="Name">Its name, which is also the label.</param>
/// <param name="Tenant">Its tenant.</param>
/// <param name="MayDecide">It holds the scope <c>approvals:decide</c>.</param>
public sealed record CaseIdentity(string Name, string Tenant, bool MayDecide);

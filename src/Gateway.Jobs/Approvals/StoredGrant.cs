namespace Gateway.Jobs.Approvals;

/// <summary>A grant by the names that a stored row keeps of it: the policy of the day is found by them.</summary>
/// <param name="Label">Its label.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="Value">The grant value.</param>
public readonly record struct StoredGrant(string Label, string Tenant, string Value);

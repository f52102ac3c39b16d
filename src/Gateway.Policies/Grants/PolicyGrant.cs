namespace Gateway.Policies.Grants;

/// <summary>What a credential stands for: who it is here, and which policy decides about it.</summary>
/// <param name="Label">Name of the grant in the grants file, 1 to 64 characters.</param>
/// <param name="Tenant">The tenant, 1 to 64 characters.</param>
/// <param name="Value">Who counts as one caller, 1 to 256 characters: the label, and for tokens also issuer and subject.</param>
/// <param name="Policy">The policy; null when none is bound: then every call is refused.</param>
public sealed record PolicyGrant(string Label, string Tenant, string Value, Policy? Policy);

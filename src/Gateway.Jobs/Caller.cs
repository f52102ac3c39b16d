namespace Gateway.Jobs;

/// <summary>Who asks. Owns jobs and idempotency keys; scopes belong to the credential, not to the caller.</summary>
/// <param name="Tenant">The tenant, 1 to 64 characters.</param>
/// <param name="Grant">The grant value of the credential, 1 to 256 characters.</param>
public readonly record struct Caller(string Tenant, string Grant);

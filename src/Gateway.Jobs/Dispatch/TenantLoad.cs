namespace Gateway.Jobs.Dispatch;

/// <summary>What a tenant has in hand.</summary>
/// <param name="Pool">Pool.</param>
/// <param name="Tenant">Tenant.</param>
/// <param name="Running">Jobs that a worker holds.</param>
/// <param name="Released">Commands on their way that nobody has claimed, those of canceled jobs included.</param>
public sealed record TenantLoad(string Pool, string Tenant, int Running, int Released);

using Gateway.Jobs.Approvals;
using Gateway.Policies.Limits;
using Microsoft.Extensions.Options;

namespace Gateway.Jobs.Dispatch;

/// <summary>Every cap on running jobs that holds at this moment, whoever set it: the server's settings first, then the policies.</summary>
public sealed class CapsInForce(IRunningCaps policies, IOptions<DispatchOptions> options)
{
    /// <summary>The caps that hold for each job of a tenant.</summary>
    /// <param name="tenant">The tenant.</param>
    public IReadOnlyList<JobCap> OfTenant(string tenant) =>
    [
        .. CapOf(LimitScope.Global, options.Value.MaxRunning, nameof(DispatchOptions.MaxRunning)),
        .. CapOf(LimitScope.Tenant, options.Value.MaxRunningPerTenant, nameof(DispatchOptions.MaxRunningPerTenant)),
    ];

    /// <summary>The caps that hold for a job.</summary>
    /// <param name="grant">Whose job.</param>
    /// <param name="tool">The tool that made it.</param>
    public IReadOnlyList<JobCap> Of(StoredGrant grant, string tool) => [.. OfTenant(grant.Tenant), .. policies.Of(grant, tool)];

    private static IEnumerable<JobCap> CapOf(LimitScope scope, int? max, string setting) =>
        max is { } most ? [new JobCap(JobCapKind.Running, scope, most, null, $"{DispatchOptions.Section}:{setting}")] : [];
}

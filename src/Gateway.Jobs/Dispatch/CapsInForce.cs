using Gateway.Jobs.Approvals;
using Gateway.Jobs.Quotas;
using Gateway.Policies.Limits;
using Microsoft.Extensions.Options;

namespace Gateway.Jobs.Dispatch;

/// <summary>Every cap on running jobs that holds at this moment, whoever set it: the server's settings first, the tenant's quota, then the policies.</summary>
public sealed class CapsInForce(IRunningCaps policies, TenantQuotas quotas, IOptions<DispatchOptions> options)
{
    /// <summary>The caps that hold for each job of a tenant.</summary>
    /// <param name="tenant">The tenant.</param>
    public IReadOnlyList<JobCap> OfTenant(string tenant) =>
    [
        .. options.Value.MaxRunning is { } most ? (JobCap[])[new JobCap(JobCapKind.Running, LimitScope.Global, most, null, $"{DispatchOptions.Section}:{nameof(DispatchOptions.MaxRunning)}")] : [],
        .. quotas.RunningOf(tenant) is { } quota ? (JobCap[])[quota] : [],
    ];

    /// <summary>The caps that hold for a job.</summary>
    /// <param name="grant">Whose job.</param>
    /// <param name="tool">The tool that made it.</param>
    public IReadOnlyList<JobCap> Of(StoredGrant grant, string tool) => [.. OfTenant(grant.Tenant), .. policies.Of(grant, tool)];
}

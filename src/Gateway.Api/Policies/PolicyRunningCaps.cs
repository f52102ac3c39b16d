using Gateway.Jobs.Approvals;
using Gateway.Jobs.Dispatch;
using Gateway.Policies.Limits;

namespace Gateway.Api.Policies;

/// <summary>What the policy files of the moment say of running jobs.</summary>
internal sealed class PolicyRunningCaps(PolicyBook book) : IRunningCaps
{
    public IReadOnlyList<JobCap> Of(StoredGrant grant, string tool) =>
        book.Current.Snapshot.FindByLabel(grant.Label, grant.Tenant, grant.Value)?.Policy?.RunningCapsOf(tool) ?? [];
}

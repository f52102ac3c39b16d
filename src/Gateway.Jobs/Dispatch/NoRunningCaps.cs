using Gateway.Jobs.Approvals;
using Gateway.Policies.Limits;

namespace Gateway.Jobs.Dispatch;

/// <summary>Where no policies are kept.</summary>
internal sealed class NoRunningCaps : IRunningCaps
{
    /// <inheritdoc />
    public IReadOnlyList<JobCap> Of(StoredGrant grant, string tool) => [];
}

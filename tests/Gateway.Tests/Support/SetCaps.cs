using Gateway.Jobs.Approvals;
using Gateway.Jobs.Dispatch;
using Gateway.Policies.Limits;

namespace Gateway.Tests.Support;

/// <summary>Caps that a test sets, and edits while jobs wait: by the label of a grant.</summary>
internal sealed class SetCaps : IRunningCaps
{
    private volatile IReadOnlyDictionary<string, IReadOnlyList<JobCap>> caps = new Dictionary<string, IReadOnlyList<JobCap>>();

    public void Set(string label, params JobCap[] all) => caps = new Dictionary<string, IReadOnlyList<JobCap>>(caps) { [label] = all };

    public IReadOnlyList<JobCap> Of(StoredGrant grant, string tool) =>
        [.. caps.GetValueOrDefault(grant.Label, []).Where(cap => cap.Tool is null || cap.Tool == tool)];
}

using Gateway.Jobs.Approvals;
using Gateway.Policies.Limits;

namespace Gateway.Jobs.Dispatch;

/// <summary>
/// The caps on running jobs that the policies of the moment set. Asked at each look for everybody who waits: an edit holds
/// from the next look on, and no job keeps the cap under which it was made.
/// </summary>
public interface IRunningCaps
{
    /// <summary>The caps for jobs that this tool made under this grant; none where the grant is gone or nothing limits it.</summary>
    /// <param name="grant">Whose jobs.</param>
    /// <param name="tool">The tool that made them.</param>
    IReadOnlyList<JobCap> Of(StoredGrant grant, string tool);
}

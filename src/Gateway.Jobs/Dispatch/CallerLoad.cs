using Gateway.Jobs.Approvals;

namespace Gateway.Jobs.Dispatch;

/// <summary>What a caller has in hand of the jobs that one tool made.</summary>
/// <param name="Pool">Pool.</param>
/// <param name="Grant">The caller.</param>
/// <param name="Tool">The tool.</param>
/// <param name="Running">Jobs that a worker holds.</param>
/// <param name="Released">Jobs whose command is on its way and not claimed.</param>
/// <param name="Leaving">Commands on their way of jobs that were canceled: they take a slot for a moment and will not run.</param>
public sealed record CallerLoad(string Pool, StoredGrant Grant, string Tool, int Running, int Released, int Leaving)
{
    /// <summary>What counts for a fair share: a slot each, or the way to one.</summary>
    public int InHand => Running + Released + Leaving;
}

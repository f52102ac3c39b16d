namespace Gateway.Jobs.Approvals;

/// <summary>The words for what waits for a decision, as callers see them. Also what the row stores.</summary>
public static class ApprovalModes
{
    /// <summary>A job.</summary>
    public const string Job = "job";

    /// <summary>A repeat of the call.</summary>
    public const string Repeat = "repeat";
}

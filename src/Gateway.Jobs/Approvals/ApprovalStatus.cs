namespace Gateway.Jobs.Approvals;

/// <summary>The words of a request's state, as callers see them. Also what the row stores.</summary>
public static class ApprovalStatus
{
    /// <summary>Nobody has decided, and it may still be decided.</summary>
    public const string Pending = "pending";

    /// <summary>A person agreed.</summary>
    public const string Approved = "approved";

    /// <summary>A person said no.</summary>
    public const string Rejected = "rejected";

    /// <summary>Nobody decided in time.</summary>
    public const string Expired = "expired";

    /// <summary>It counts no more: the rule has changed, or the job was canceled.</summary>
    public const string Void = "void";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Pending, Approved, Rejected, Expired, Void];
}

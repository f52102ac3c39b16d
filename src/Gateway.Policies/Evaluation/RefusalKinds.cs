namespace Gateway.Policies.Evaluation;

/// <summary>Why a call was refused. Wire format, and closed.</summary>
public static class RefusalKinds
{
    public const string PolicyDenied = "policy_denied";
    public const string RateLimited = "rate_limited";
    public const string QueueFull = "queue_full";
    public const string ApprovalRequired = "approval_required";
    public const string ApprovalRejected = "approval_rejected";
    public const string ApprovalExpired = "approval_expired";
    public const string PolicyUnavailable = "policy_unavailable";
}

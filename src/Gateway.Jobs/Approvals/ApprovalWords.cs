namespace Gateway.Jobs.Approvals;

/// <summary>What callers read of decisions.</summary>
public static class ApprovalWords
{
    /// <summary>Nobody has decided in time.</summary>
    public const string Expired = "nobody approved the call in time";

    /// <summary>A person said no.</summary>
    /// <param name="comment">What the person said.</param>
    public static string Rejected(string? comment) => string.IsNullOrWhiteSpace(comment) ? "the call was not approved" : comment;
}

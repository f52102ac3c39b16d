namespace Gateway.Api.Mcp.Answers;

/// <summary>What <c>approval_list</c> answers.</summary>
internal sealed record ApprovalListAnswer
{
    public bool Success => true;

    /// <summary>How many are on this page.</summary>
    public int Count => Approvals.Count;

    public required IReadOnlyList<ApprovalView> Approvals { get; init; }

    public string? NextCursor { get; init; }
}

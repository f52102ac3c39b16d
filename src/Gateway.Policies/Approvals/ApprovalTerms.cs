namespace Gateway.Policies.Approvals;

/// <summary>How a person is asked about a call.</summary>
/// <param name="Mode">What the caller gets meanwhile.</param>
/// <param name="Timeout">How long an answer is waited for, 1 minute to 7 days.</param>
/// <param name="Reason">What the caller and the person read.</param>
/// <param name="Rule">Rule pointer: <c>/tools/T/approval</c>.</param>
public sealed record ApprovalTerms(ApprovalMode Mode, TimeSpan Timeout, string Reason, string Rule);

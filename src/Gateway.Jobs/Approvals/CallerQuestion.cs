using Gateway.Policies.Approvals;
using Gateway.Policies.Evaluation;

namespace Gateway.Jobs.Approvals;

/// <summary>The question that a caller adds to its own call (<c>approvalStrategy</c> <c>mcp_managed</c>). Where the policy asks, the policy's question stands.</summary>
public static class CallerQuestion
{
    /// <summary>Rule pointer of the question.</summary>
    public const string Rule = "(caller)";

    private static readonly ApprovalTerms Terms = new(ApprovalMode.Job, TimeSpan.FromHours(1), "the caller asked for a person's approval", Rule);

    /// <summary>The judgement with the caller's question.</summary>
    /// <param name="judgement">What the policy says.</param>
    /// <param name="asks">The caller wants a person to be asked.</param>
    public static Judgement Add(Judgement judgement, bool asks) =>
        asks && judgement is { Approval: null, Refusal: null } ? judgement with { Approval = Terms } : judgement;
}

using Gateway.Policies.Evaluation;

namespace Gateway.Policies.Approvals;

/// <summary>When a person is asked about a call, and how.</summary>
/// <param name="RequiredIf">One that holds asks; null: every call asks.</param>
/// <param name="Terms">How.</param>
internal sealed record ApprovalRule(IReadOnlyList<Predicate>? RequiredIf, ApprovalTerms Terms);

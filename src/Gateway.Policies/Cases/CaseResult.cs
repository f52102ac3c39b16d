namespace Gateway.Policies.Cases;

/// <summary>What came of a case.</summary>
/// <param name="Case">The case.</param>
/// <param name="Differences">What was not as expected; none when all was.</param>
public sealed record CaseResult(PolicyCase Case, IReadOnlyList<CaseDifference> Differences);

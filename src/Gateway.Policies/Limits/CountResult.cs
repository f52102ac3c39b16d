using Gateway.Policies.Evaluation;

namespace Gateway.Policies.Limits;

/// <summary>What came of counting a call.</summary>
/// <param name="Refusal">Why it may not pass; null when it counts everywhere. With a refusal the transaction has to be rolled back.</param>
/// <param name="Counted">Every charge with what its counter stands at now.</param>
public sealed record CountResult(Refusal? Refusal, IReadOnlyList<(Charge Charge, decimal Used)> Counted);

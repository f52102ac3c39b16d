namespace Gateway.Policies.Documents;

/// <summary>What came of loading files.</summary>
/// <param name="Snapshot">What they say; null when one of them is wrong.</param>
/// <param name="Faults">Everything that is wrong, in all of them.</param>
public sealed record LoadResult(PolicySnapshot? Snapshot, IReadOnlyList<DocumentFault> Faults);

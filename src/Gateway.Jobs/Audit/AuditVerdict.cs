namespace Gateway.Jobs.Audit;

/// <summary>What a look at the audit log found.</summary>
/// <param name="Records">Sealed records that were looked at.</param>
/// <param name="First">Place of the first of them in the chain; 0 for none.</param>
/// <param name="Last">Place of the last of them.</param>
/// <param name="Waiting">Records that are not sealed yet.</param>
/// <param name="FaultCount">How much is wrong.</param>
/// <param name="Faults">The first of it.</param>
public sealed record AuditVerdict(long Records, long First, long Last, long Waiting, long FaultCount, IReadOnlyList<AuditFault> Faults);

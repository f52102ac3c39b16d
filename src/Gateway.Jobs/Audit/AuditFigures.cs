namespace Gateway.Jobs.Audit;

/// <summary>How far sealing is.</summary>
/// <param name="Sealed">Links of the chain, those that retention has removed included.</param>
/// <param name="Waiting">Records behind the last sealed one.</param>
/// <param name="OldestWaitingSeconds">Age of the oldest of them; 0 when there is none.</param>
public sealed record AuditFigures(long Sealed, long Waiting, double OldestWaitingSeconds);

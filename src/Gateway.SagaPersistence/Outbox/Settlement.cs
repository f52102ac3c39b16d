namespace Gateway.SagaPersistence.Outbox;

/// <summary>What becomes of a row whose message has left.</summary>
internal readonly record struct Settlement(long Seq, SettlementKind Kind, string? Reason);

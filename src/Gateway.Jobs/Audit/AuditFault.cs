namespace Gateway.Jobs.Audit;

/// <summary>Something that a gateway did not do to its audit log.</summary>
/// <param name="Kind">One of <see cref="AuditFaults"/>.</param>
/// <param name="Seq">Where in the chain; null for what is in none.</param>
/// <param name="Id">Number of the record; null where there is none.</param>
/// <param name="Text">In words.</param>
public sealed record AuditFault(string Kind, long? Seq, long? Id, string Text);

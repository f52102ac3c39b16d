namespace Gateway.Nemesis.History;

/// <summary>A time in which something was missing or frozen, by the wall clock.</summary>
internal sealed record Outage(string Fault, long FromMs, long UntilMs);

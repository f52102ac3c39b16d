namespace Gateway.Jobs.Audit;

/// <summary>What a counter stood at after an act.</summary>
/// <param name="Rule">Rule pointer of its limit.</param>
/// <param name="Used">What was used of the window.</param>
/// <param name="Max">The limit; null where only what was used has changed.</param>
/// <param name="WindowStart">Start of the window.</param>
public sealed record AuditCounter(string Rule, decimal Used, decimal? Max, DateTimeOffset WindowStart);

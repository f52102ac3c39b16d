namespace Gateway.Policies.Limits;

/// <summary>What one call adds to one counter in one window.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="Key">Key of the counter: 64 lower-case hex digits, the same wherever tool, counter, scope, window and start are.</param>
/// <param name="WindowStart">Start of the window.</param>
/// <param name="WindowEnd">Its end.</param>
public sealed record Charge(CounterLimit Limit, string Key, DateTimeOffset WindowStart, DateTimeOffset WindowEnd);

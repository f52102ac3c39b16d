namespace Gateway.Jobs.Retention;

/// <summary>What one short transaction removed.</summary>
/// <param name="Count">How many jobs, keys or messages are done with.</param>
/// <param name="More">There may be more to remove at once.</param>
public readonly record struct PurgedBatch(int Count, bool More);

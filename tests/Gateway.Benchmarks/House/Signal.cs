namespace Gateway.Benchmarks.House;

/// <summary>One line of a stand-in.</summary>
/// <param name="Word"><c>start</c>, <c>run</c> or <c>end</c>.</param>
/// <param name="Id">Which run.</param>
/// <param name="At">Timestamp of the driver's clock.</param>
internal sealed record Signal(string Word, string Id, long At);

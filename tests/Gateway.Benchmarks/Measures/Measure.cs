using Gateway.Benchmarks.Figures;

namespace Gateway.Benchmarks.Measures;

/// <summary>One thing to measure; gives one row or more.</summary>
/// <param name="Name">Name on the command line.</param>
/// <param name="Run">Measures it.</param>
internal sealed record Measure(string Name, Func<MeasureContext, CancellationToken, Task<IReadOnlyList<Figure>>> Run);

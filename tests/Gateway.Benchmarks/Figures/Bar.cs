using System.Globalization;

namespace Gateway.Benchmarks.Figures;

/// <summary>What a figure has to keep to.</summary>
/// <param name="Limit">The bound, in <paramref name="Unit"/>.</param>
/// <param name="IsCeiling">True: at most; false: at least.</param>
/// <param name="Unit">Unit of bound and figure.</param>
internal sealed record Bar(double Limit, bool IsCeiling, string Unit)
{
    public static Bar AtMost(double limit, string unit) => new(limit, true, unit);

    public static Bar AtLeast(double limit, string unit) => new(limit, false, unit);

    public bool Holds(double value) => IsCeiling ? value <= Limit : value >= Limit;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsCeiling ? '≤' : '≥')} {Limit:0.##} {Unit}");
}

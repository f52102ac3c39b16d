namespace Gateway.Benchmarks.Figures;

/// <summary>Times in milliseconds, and what is told of them.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];

    public int Count => _values.Count;

    public double Median => At(0.5);

    /// <summary>All but one of a hundred are shorter.</summary>
    public double Worst => At(0.99);

    public double Max => _values.Count == 0 ? double.NaN : _values.Max();

    /// <summary>Median is the figure; this is the rest of the picture.</summary>
    public string Spread => FormattableString.Invariant($"p10 {At(0.1):0.0}, p99 {At(0.99):0.0}, n {Count}");

    public void Add(TimeSpan time) => _values.Add(time.TotalMilliseconds);

    private double At(double share)
    {
        if (_values.Count == 0)
        {
            return double.NaN;
        }

        var sorted = _values.Order().ToList();
        return sorted[Math.Min(sorted.Count - 1, (int)(share * sorted.Count))];
    }
}

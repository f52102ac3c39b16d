namespace Gateway.Benchmarks.Figures;

/// <summary>One measured row.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Unit">Unit of <paramref name="Value"/>.</param>
/// <param name="Value">The figure.</param>
/// <param name="Bar">The bar; null for a row that only informs.</param>
/// <param name="Note">What has to be known beside it.</param>
internal sealed record Figure(string What, string Unit, double Value, Bar? Bar = null, string? Note = null)
{
    public Figure(string what, double value, Bar bar, string? note = null)
        : this(what, bar.Unit, value, bar, note)
    {
    }
}

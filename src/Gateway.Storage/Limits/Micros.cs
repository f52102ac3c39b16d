namespace Gateway.Storage.Limits;

/// <summary>Amounts as whole millionths, which every database adds up alike.</summary>
internal static class Micros
{
    // Two of them can be added without passing the end of the column.
    private const decimal Most = long.MaxValue / 4;

    public static long Of(decimal amount) => (long)decimal.Ceiling(Math.Clamp(amount, -Most / 1_000_000m, Most / 1_000_000m) * 1_000_000m);

    public static decimal ToAmount(long micros) => micros / 1_000_000m;
}

using System.Text.Json;
using Gateway.Policies.Documents;

namespace Gateway.Policies.Limits;

/// <summary>Amounts have six decimal places and are rounded up: nobody spends for nothing what is too small to be counted.</summary>
internal static class Amounts
{
    private const decimal Step = 0.000001m;

    /// <summary>Whether the argument is a number of at least 0.</summary>
    public static bool IsAmount(JsonElement? argument) => argument is { ValueKind: JsonValueKind.Number } number && !JsonNumber.Of(number).IsNegative;

    /// <summary>The amount; null when it is more than a limit can ever take.</summary>
    public static decimal? Of(JsonElement argument, decimal max)
    {
        var exact = JsonNumber.Of(argument);
        if (exact.CompareTo(JsonNumber.Of(max)) > 0)
        {
            return null;
        }

        // A decimal has 28 digits, the text may have more: what was cut off counts as well.
        var rounded = RoundUp(argument.GetDecimal());
        return JsonNumber.Of(rounded).CompareTo(exact) < 0 ? rounded + Step : rounded;
    }

    /// <summary>To six places, upwards.</summary>
    public static decimal RoundUp(decimal amount) => Math.Ceiling(amount * 1_000_000m) / 1_000_000m;
}
